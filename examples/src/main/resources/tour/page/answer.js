import { bytes, element, milliseconds } from "./dom.js";

/** Fetches; an answer that is not a good one is a failure, which says so in a sentence. */
export async function ask(path, options = {}) {
    const response = await fetch(path, { cache: "no-store", ...options });
    if (!response.ok) {
        throw new Error(`The server answered with ${response.status}. Try again; if that repeats, look at the server's log.`);
    }
    return response;
}

/** Sends a request and shows the whole answer: status, time, size, header fields and body. */
export async function exchange(place, path, options = {}) {
    const started = performance.now();
    const response = await fetch(path, { cache: "no-store", ...options });
    const body = await response.clone().text();
    const size = (await response.arrayBuffer()).byteLength;
    showHead(place, response, [milliseconds(performance.now() - started), bytes(size)]);
    showBody(place, body);
    return { response, body };
}

/** Shows what came with the head of an answer, and facts of ours beside the status. */
export function showHead(place, response, facts = []) {
    const fields = element("dl");
    for (const [name, value] of response.headers) {
        fields.append(element("dt", {}, name), element("dd", {}, value));
    }
    place.replaceChildren(
        statusLine(`${response.status} ${response.statusText}`, response.ok, facts),
        element("details", {}, element("summary", {}, "Header fields"), fields));
}

export function showBody(place, text) {
    place.querySelector(".status").after(element("pre", { tabindex: "0", "aria-label": "Body" }, text));
}

export function showFacts(place, facts) {
    const line = place.querySelector(".status");
    line.replaceChildren(line.firstChild, ...facts.map(fact => element("span", {}, fact)));
}

export function showVerdict(place, right, text) {
    place.append(element("p", { class: right ? "verdict" : "verdict wrong" }, text));
}

/** Shows how it stands with what has no head, such as a WebSocket. */
export function showState(place, state, good, facts = []) {
    place.replaceChildren(statusLine(state, good, facts));
}

export function showFailure(place, failure) {
    const stopped = failure.name === "AbortError";
    showState(place, stopped ? "Stopped" : "No answer", stopped, [stopped ? "" : reasonOf(failure)]);
}

/** What happened and what to do. Browsers throw a TypeError, each with words of its own, when no answer came. */
export function reasonOf(failure) {
    return failure instanceof TypeError ? "The server does not answer. Check that it still runs, then try again." : failure.message;
}

function statusLine(status, good, facts) {
    return element("p", { class: "status" },
        element("b", { class: good ? "" : "refused" }, status),
        ...facts.map(fact => element("span", {}, fact)));
}
