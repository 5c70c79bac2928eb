import { exchange, showFailure, showState } from "./answer.js";
import { element } from "./dom.js";

const BURST = 250;

let source = null;

/** Listens to the clock: by the second, or less often. */
export async function clock({ card, form, answer }) {
    source?.close();
    const dial = card.querySelector(".dial");
    const ticks = card.querySelector(".ticks");
    ticks.replaceChildren();
    let opened = 0;
    let openings = 0;
    source = new EventSource(`/clock?every=${form.elements.every.value}`);
    source.onopen = () => {
        opened = performance.now();
        openings++;
        showState(answer, "Listening", true, [`connection ${openings}`]);
    };
    source.onerror = ({ target }) => showState(answer, "Lost", false, [target.readyState === EventSource.CLOSED
        ? "The server refused to connect again. Press Listen to try anew."
        : "The browser connects again by itself, as soon as the server answers."]);
    source.onmessage = ({ data, lastEventId }) => {
        const missed = openings > 1 && performance.now() - opened < BURST;
        const time = new Date(data).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
        dial.textContent = time;
        ticks.append(element("li", { class: missed ? "missed" : "", title: `id ${lastEventId}` },
            time, missed ? element("small", {}, " caught up") : ""));
        while (ticks.children.length > 8) {
            ticks.firstChild.remove();
        }
    };
    form.elements.stop.disabled = false;
}

export function setUpClock(card) {
    const answer = card.querySelector(".answer");
    const { cut, stop } = card.querySelector("form").elements;
    cut.addEventListener("click", () =>
        exchange(answer, "/clock", { method: "POST" }).catch(failure => showFailure(answer, failure)));
    stop.addEventListener("click", () => {
        source?.close();
        stop.disabled = true;
        showState(answer, "Stopped", true);
    });
}
