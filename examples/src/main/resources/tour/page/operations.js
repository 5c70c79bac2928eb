import { ask, reasonOf } from "./answer.js";
import { bytes, element, setText } from "./dom.js";
import { sendRequests } from "./load.js";
import { Plot } from "./plots.js";
import { showSourcesWhenOpened } from "./source.js";

const KEPT = 300;
const LOAD_SECONDS = 10;

const MEANINGS = {
    CLOSED: "We ended it, in order: after an answer, or as the application said",
    PEER_CLOSED: "The client ended it, in order",
    PEER_RESET: "The connection broke",
    IDLE_TIMEOUT: "No request for too long, or no answer to pings",
    HANDSHAKE_TIMEOUT: "The TLS handshake took too long",
    TLS_ERROR: "The TLS handshake failed, or the client broke a rule of TLS",
    HEADER_TIMEOUT: "A request head was not complete in time",
    BODY_TIMEOUT: "A request body stalled, or came too slowly",
    WRITE_TIMEOUT: "The client took nothing of its answer",
    ADDRESS_LIMIT: "Too many connections of one address",
    CONNECTION_LIMIT: "Idle for longest when a new connection came at the limit",
    SLOW_CONSUMER: "Too much waited for the client",
    PROTOCOL_ERROR: "The client broke a rule or a limit",
    SERVER_STOP: "The server was stopped",
    HANDLER_ERROR: "A handler or listener failed",
    OVERLOAD: "The worker had no room",
};

const count = value => Math.round(value).toLocaleString("en");
const rate = value => value > 0 && value < 9.95 ? value.toFixed(1) : count(value);
const milliseconds = value => value >= 1000 ? `${Number((value / 1000).toPrecision(3))} s`
    : `${Number(value.toPrecision(value < 1 ? 2 : 3))} ms`;
const size = value => bytes(Math.round(value)).replace(".0 ", " ");
const perSecond = value => `${bytes(Math.round(value))}/s`;

/** The part of an answer's time that was spent in one place; a microsecond at least, for the logarithm. */
const part = ({ parts }, which) => parts ? Math.max(0.001, parts[which]) : null;

const plots = [
    new Plot({
        title: "Answers", unit: "per second, by status", format: rate, least: 5,
        series: [
            { name: "2xx", colour: "--accent", value: sample => sample.responses[0] },
            { name: "3xx", colour: "--code-type", value: sample => sample.responses[1], dash: [8, 3] },
            { name: "4xx", colour: "--warm", value: sample => sample.responses[2], dash: [4, 3] },
            { name: "5xx", colour: "--bad", value: sample => sample.responses[3] },
        ],
    }),
    new Plot({
        title: "Latency", unit: "from request to answer, logarithmic", format: milliseconds, logarithmic: true,
        series: [
            { name: "median", colour: "--accent", value: sample => sample.latency?.[0] ?? null },
            { name: "90 %", colour: "--code-type", value: sample => sample.latency?.[1] ?? null, dash: [8, 3] },
            { name: "99 %", colour: "--warm", value: sample => sample.latency?.[2] ?? null },
            { name: "most", colour: "--bad", value: sample => sample.latency?.[3] ?? null, dash: [2, 3] },
        ],
    }),
    new Plot({
        title: "Where the time goes", unit: "mean of the answers, logarithmic", format: milliseconds, logarithmic: true,
        series: [
            { name: "waits", colour: "--code-type", value: sample => part(sample, 0), dash: [8, 3] },
            { name: "handler", colour: "--accent", value: sample => part(sample, 1) },
            { name: "leaves", colour: "--warm", value: sample => part(sample, 2), dash: [4, 3] },
        ],
    }),
    new Plot({
        title: "Connections", unit: "open", format: count, least: 8,
        series: [
            { name: "open", colour: "--accent", value: sample => sample.connections },
        ],
    }),
    new Plot({
        title: "Running", unit: "requests that are not answered in full", format: count, least: 4,
        series: [
            { name: "running", colour: "--accent", value: sample => sample.running },
        ],
    }),
    new Plot({
        title: "Traffic", unit: "bytes per second", format: perSecond, tick: size, least: 1000,
        series: [
            { name: "sent", colour: "--accent", value: sample => sample.written },
            { name: "received", colour: "--warm", value: sample => sample.read },
        ],
    }),
];
document.getElementById("plots").append(...plots.map(plot => plot.card));
plots.forEach(plot => plot.draw());

let samples = [];

function show() {
    plots.forEach(plot => plot.show(samples));
    const now = samples.at(-1);
    if (now) {
        const tiles = {
            connections: count(now.connections),
            requests: `${rate(now.requests)}/s`,
            running: count(now.running),
            p50: now.latency ? milliseconds(now.latency[0]) : "–",
            p99: now.latency ? milliseconds(now.latency[2]) : "–",
            failures: `${rate(now.responses[3])}/s`,
        };
        for (const [name, text] of Object.entries(tiles)) {
            document.querySelector(`[data-figure=${name}]`).textContent = text;
        }
    }
}

function showCloses(closes) {
    const most = Math.max(1, ...Object.values(closes));
    document.querySelector("#closes tbody").replaceChildren(...Object.entries(closes).map(([cause, times]) =>
        element("tr", { class: times === 0 ? "none" : "" },
            element("th", { scope: "row" }, element("code", {}, cause)),
            element("td", {}, MEANINGS[cause] ?? ""),
            element("td", { class: "amount" }, count(times)),
            element("td", { class: "share" }, element("progress", { max: most, value: times, "aria-hidden": "true" })))));
}

function showState(is, text) {
    const state = document.getElementById("state");
    document.querySelector("main").dataset.figures = is;
    state.dataset.is = is;
    setText(state, text);
}

const source = new EventSource("/operations/figures");
source.addEventListener("history", ({ data }) => {
    samples = JSON.parse(data);
    showState("live", "Live");
    show();
});
source.addEventListener("figures", ({ data }) => {
    samples = [...samples, JSON.parse(data)].slice(-KEPT);
    show();
});
source.addEventListener("closes", ({ data }) => showCloses(JSON.parse(data)));
source.addEventListener("error", () => showState("lost", source.readyState === EventSource.CLOSED
    ? "Lost; reload this page when the server answers again"
    : "Lost; tries again each second"));
addEventListener("pagehide", () => source.close());

const form = document.getElementById("load");
form.addEventListener("submit", async event => {
    event.preventDefault();
    const button = form.querySelector("button");
    const label = button.textContent;
    const trouble = form.querySelector(".trouble");
    trouble.textContent = "";
    button.disabled = true;
    try {
        await sendRequests(LOAD_SECONDS, left => button.textContent = `Sending, ${left} s more`);
    } catch (failure) {
        trouble.textContent = reasonOf(failure);
    } finally {
        button.textContent = label;
        button.disabled = false;
    }
});

showSourcesWhenOpened();

const facts = document.getElementById("facts");
try {
    const { java, processors } = await (await ask("/json")).json();
    facts.textContent = `Java ${java}, ${processors} processors, ${location.host}`;
} catch (failure) {
    facts.textContent = reasonOf(failure);
}
