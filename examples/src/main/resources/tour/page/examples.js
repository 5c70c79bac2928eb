import { exchange, reasonOf, showBody, showFacts, showFailure, showHead, showVerdict } from "./answer.js";
import { BarChart, timingDiagram } from "./charts.js";
import { chat } from "./chat.js";
import { clock } from "./clock.js";
import { counter } from "./counter.js";
import { bytes, element, milliseconds } from "./dom.js";
import { broadcast, echo } from "./sockets.js";

/** What the button of each example does with a trial: its card, its form, and the place for the answer. */
export const EXAMPLES = {
    hello, json, protocol, form, upload, download, large, ticker, blocking, later, echo, chat, clock, counter, broadcast,
};

async function hello({ form, answer }) {
    await exchange(answer, `/hello?${new URLSearchParams(new FormData(form))}`);
}

async function json({ answer }) {
    await exchange(answer, "/json");
}

async function protocol({ answer }) {
    await exchange(answer, "/protocol");
}

async function form({ form, answer }) {
    await exchange(answer, "/form", { method: "POST", body: new URLSearchParams(new FormData(form)) });
}

async function upload({ form, answer }) {
    const body = form.elements.file.files[0] ?? noise(20e6);
    const { body: text } = await exchange(answer, "/upload", { method: "POST", body });
    if (body.size > 100e6 || !crypto.subtle) {
        return; // the browser would need all of it in memory, or knows digests only on localhost
    }
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await body.arrayBuffer()));
    const ours = [...digest].map(each => each.toString(16).padStart(2, "0")).join("");
    const right = text.includes(ours);
    showVerdict(answer, right, right ? "The browser's own digest is the same." : `The browser's digest differs: ${ours}`);
}

function noise(size) {
    const pieces = [];
    for (let made = 0; made < size; made += 50_000) {
        pieces.push(crypto.getRandomValues(new Uint8Array(50_000)));
    }
    return new Blob(pieces);
}

async function download({ answer }) {
    await exchange(answer, "/download");
}

async function large({ card, form, answer }) {
    const total = Number(form.elements.mb.value) * 2 ** 20;
    const stop = new AbortController();
    const stopButton = form.elements.stop;
    stopButton.disabled = false;
    stopButton.onclick = () => stop.abort();
    const chart = new BarChart(card.querySelector(".chart"));
    const progress = card.querySelector("progress");
    progress.value = 0;
    let received = 0;
    let shown = 0;
    try {
        const started = performance.now();
        const response = await fetch(`/large?mb=${form.elements.mb.value}`, { signal: stop.signal, cache: "no-store" });
        showHead(answer, response);
        const reader = response.body.getReader();
        let drawn = started;
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
            received += piece.value.length;
            const now = performance.now();
            if (now - drawn > 40) {
                chart.add((received - shown) / (now - drawn));
                shown = received;
                drawn = now;
                progress.value = received / total;
                showFacts(answer, [bytes(received), `${bytes(received / (now - started) * 1000)}/s`]);
            }
        }
        const took = performance.now() - started;
        progress.value = received / total;
        showFacts(answer, [bytes(received), milliseconds(took), `${bytes(received / took * 1000)}/s`]);
    } catch (failure) {
        showFailure(answer, failure);
        showBody(answer, `after ${bytes(received)}`);
    } finally {
        stopButton.disabled = true;
    }
}

async function ticker({ card, answer }) {
    const ticks = card.querySelector(".ticks");
    ticks.replaceChildren();
    answer.replaceChildren();
    const started = performance.now();
    const response = await fetch("/ticker", { cache: "no-store" });
    showHead(answer, response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        const lines = (rest + piece.value).split("\n");
        rest = lines.pop();
        const age = milliseconds(performance.now() - started);
        ticks.append(...lines.map(line => element("li", {}, `${line} `, element("small", {}, age))));
    }
    showFacts(answer, [milliseconds(performance.now() - started)]);
}

async function blocking({ card, answer }) {
    const timing = card.querySelector(".timing");
    timing.replaceChildren();
    answer.replaceChildren();
    performance.clearResourceTimings();
    const started = performance.now();
    const requests = await Promise.all(Array.from({ length: 20 }, async (_, i) => {
        const path = `/blocking?request=${i}`;
        const response = await fetch(path, { cache: "no-store" });
        return { response, thread: (await response.text()).trim().split(" on ")[1], ended: performance.now(), path };
    }));
    const ended = performance.now();
    const measured = new Map(performance.getEntriesByType("resource").map(entry => [new URL(entry.name).search, entry]));
    timing.append(...timingDiagram(requests.map(request => {
        const entry = measured.get(new URL(request.path, location.href).search);
        return {
            began: 0,
            sent: (entry?.requestStart || started) - started,
            ended: (entry?.responseEnd || request.ended) - started,
        };
    })));
    const threads = new Set(requests.map(request => request.thread)).size;
    showHead(answer, requests[0].response,
        [`20 answers in ${milliseconds(ended - started)}, ${threads} threads; one after another: 5000 ms`]);
}

async function later({ form, answer }) {
    await exchange(answer, "/later", { method: "POST", body: form.elements.news.value });
}

/** Lets one more request wait. No more than four: the browser's other connections are needed, to answer them. */
export async function waitForNews(card) {
    const waiting = card.querySelector(".waiting");
    if (waiting.querySelectorAll(".pending").length >= 4) {
        return;
    }
    const line = element("li", { class: "pending" }, "A request waits …");
    waiting.append(line);
    while (waiting.children.length > 6) {
        waiting.querySelector("li:not(.pending)").remove();
    }
    const started = performance.now();
    try {
        const response = await fetch("/later", { cache: "no-store" });
        line.textContent = `${await response.text()} (${response.status}, after ${milliseconds(performance.now() - started)})`;
    } catch (failure) {
        line.textContent = `No answer: ${reasonOf(failure)}`;
    }
    line.className = "";
}
