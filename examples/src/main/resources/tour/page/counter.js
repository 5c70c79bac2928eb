import { ask, exchange, reasonOf } from "./answer.js";
import { element, milliseconds } from "./dom.js";

/** Adds one; those who watch see it, in this window and in others. */
export async function counter({ answer }) {
    await exchange(answer, "/count", { method: "POST" });
}

export function setUpCounter(card) {
    const watch = card.querySelector("[name=watch]");
    let end = null;
    watch.addEventListener("click", () => {
        end?.abort();
        end = end === null ? new AbortController() : null;
        watch.textContent = end === null ? "Watch" : "Stop watching";
        if (end !== null) {
            follow(card, end.signal);
        }
    });
}

/** Asks, waits for the answer, and asks again with what it has learnt. */
async function follow(card, signal) {
    const dial = card.querySelector(".dial");
    const polls = card.querySelector(".waiting");
    let known = "";
    while (!signal.aborted) {
        const path = `/count?known=${known}`;
        const line = element("li", { class: "pending" }, path);
        polls.append(line);
        while (polls.children.length > 4) {
            polls.firstChild.remove();
        }
        const started = performance.now();
        try {
            const response = await ask(path, { signal });
            if (response.status === 200) {
                known = await response.text();
                dial.textContent = known;
            }
            line.append(`: ${response.status} ${known} after ${milliseconds(performance.now() - started)}`);
        } catch (failure) {
            line.append(signal.aborted ? ": stopped" : `: ${reasonOf(failure)}`);
            await new Promise(resolve => setTimeout(resolve, 1000));
        }
        line.className = "";
    }
}
