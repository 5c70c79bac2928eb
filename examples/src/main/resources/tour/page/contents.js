/** Marks, in the list of examples at the top, the one that is being read. */
export function followReading() {
    const links = new Map([...document.querySelectorAll(".contents a")].map(link => [link.hash.slice(1), link]));
    const reading = new IntersectionObserver(entries => {
        for (const { target, isIntersecting } of entries) {
            if (isIntersecting) {
                links.forEach(link => link.removeAttribute("aria-current"));
                const link = links.get(target.id);
                link.setAttribute("aria-current", "true");
                bringIntoView(link);
            }
        }
    }, { rootMargin: "-20% 0px -70% 0px" });
    links.forEach((link, id) => reading.observe(document.getElementById(id)));
}

/** On a phone the list of examples is wider than the screen. Only the list moves, never the page. */
function bringIntoView(link) {
    const list = link.closest("ul");
    const place = link.getBoundingClientRect().left - list.getBoundingClientRect().left + list.scrollLeft;
    list.scrollTo({ left: place - (list.clientWidth - link.offsetWidth) / 2 });
}
