import { ask, reasonOf, showFailure } from "./answer.js";
import { setUpChat } from "./chat.js";
import { setUpClock } from "./clock.js";
import { setUpCounter } from "./counter.js";
import { EXAMPLES, waitForNews } from "./examples.js";
import { coloured, showSource, showSourcesWhenOpened } from "./source.js";

for (const card of document.querySelectorAll("[data-example]")) {
    const form = card.querySelector("form");
    const trial = { card, form, answer: card.querySelector(".answer") };
    const button = form.querySelector("button:not([type])");
    form.addEventListener("submit", async event => {
        event.preventDefault();
        if (button.disabled) {
            return;
        }
        button.disabled = true;
        try {
            await EXAMPLES[card.dataset.example](trial);
        } catch (failure) {
            showFailure(trial.answer, failure);
        }
        button.disabled = false;
    });
}

const laterCard = document.getElementById("later");
laterCard.querySelector("[name=wait]").addEventListener("click", () => waitForNews(laterCard));

setUpChat(document.getElementById("chat"));
setUpClock(document.getElementById("clock"));
setUpCounter(document.getElementById("counter"));

for (const place of document.querySelectorAll(".card .source")) {
    showSource(place);
}
showSourcesWhenOpened();
for (const code of document.querySelectorAll("code.java")) {
    code.replaceChildren(...coloured(code.textContent));
}

/** On a phone the list of examples is wider than the screen. Only the list moves, never the page. */
function bringIntoView(link) {
    const list = link.closest("ul");
    const place = link.getBoundingClientRect().left - list.getBoundingClientRect().left + list.scrollLeft;
    list.scrollTo({ left: place - (list.clientWidth - link.offsetWidth) / 2 });
}

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

/** By which protocol the page came, if the browser tells. */
function arrival() {
    const name = performance.getEntriesByType("navigation")[0]?.nextHopProtocol;
    const version = { "h2": "HTTP/2", "http/1.1": "HTTP/1.1" }[name] ?? name;
    const encrypted = location.protocol === "https:" ? " over TLS" : "";
    return version ? `This page came by ${version}${encrypted}.` : "";
}

const facts = document.getElementById("facts");
try {
    const { java, processors } = await (await ask("/json")).json();
    facts.textContent = `This server runs on Java ${java} with ${processors} processors, at ${location.host}. ${arrival()}`;
} catch (failure) {
    facts.textContent = reasonOf(failure);
}

document.querySelector("#hello form").requestSubmit();
