import { showFailure, showState } from "./answer.js";
import { element, milliseconds } from "./dom.js";
import { socketAddress } from "./sockets.js";

const RETRY = 1000;

/**
 * The ways to take part. Each gets a listener, and the number of the last line that was heard; it returns how to say something
 * and how to leave.
 */
const WAYS = { websocket: byWebSocket, polling: byPolling, streaming: byStreaming };

let here = null;
let heardLast = 0;

/** Says something. The answer tells how, and how long it took until it was heard here. */
export async function chat({ card, form, answer }) {
    const { name, text, way } = form.elements;
    const said = `${name.value.trim() || "Somebody"}: ${text.value.trim()}`;
    if (text.value.trim() === "") {
        showState(answer, "Say something", false);
        return;
    }
    const started = performance.now();
    const heard = new Promise(resolve => card.addEventListener("heard", function listen({ detail }) {
        if (detail === said) {
            card.removeEventListener("heard", listen);
            resolve();
        }
    }));
    try {
        const how = await here.say(said);
        text.value = "";
        showState(answer, how, true, [`by ${label(way.value)}`]);
        await Promise.race([heard, new Promise(resolve => setTimeout(resolve, 5000))]);
        showState(answer, how, true, [`by ${label(way.value)}`, `heard after ${milliseconds(performance.now() - started)}`]);
    } catch (failure) {
        showFailure(answer, failure);
    }
}

/** Takes part as soon as the card is seen, and anew whenever another way is chosen. */
export function setUpChat(card) {
    const form = card.querySelector("form");
    form.elements.name.value = `Guest ${100 + Math.floor(900 * Math.random())}`;
    const enter = () => {
        here?.leave();
        here = takePart(card, form.elements.way.value);
    };
    form.querySelectorAll("[name=way]").forEach(way => way.addEventListener("change", enter));
    new IntersectionObserver(([card], observer) => {
        if (card.isIntersecting) {
            observer.disconnect();
            enter();
        }
    }).observe(card);
}

function takePart(card, way) {
    const log = card.querySelector(".talk");
    const state = card.querySelector(".presence");
    let left = false;
    const listener = {
        is(what) {
            if (!left) {
                state.textContent = `${label(way)}: ${what}`;
                state.dataset.is = what;
            }
        },
        heard(lines) {
            for (const line of left ? [] : lines.split("\n")) {
                const [, number, name, text] = /^(\d+) ([^:]*)(?:: )?(.*)$/.exec(line) ?? [];
                heardLast = Number(number);
                log.append(bubble(name, text, name === card.querySelector("[name=name]").value.trim()));
                card.dispatchEvent(new CustomEvent("heard", { detail: `${name}: ${text}` }));
            }
            while (log.children.length > 50) {
                log.firstChild.remove();
            }
            log.scrollTop = log.scrollHeight;
        },
    };
    listener.is("connecting");
    const { say, leave } = WAYS[way](listener);
    return {
        say,
        leave() {
            left = true;
            leave();
        },
    };
}

function byWebSocket(listener) {
    let left = false;
    let socket;
    const connect = () => {
        if (left) {
            return;
        }
        socket = new WebSocket(socketAddress(`/chat?after=${heardLast}`));
        socket.onopen = () => listener.is("connected");
        socket.onmessage = message => listener.heard(message.data);
        socket.onclose = () => {
            listener.is("lost");
            setTimeout(connect, RETRY);
        };
    };
    connect();
    return {
        async say(text) {
            if (socket.readyState === WebSocket.CONNECTING) {
                await new Promise(resolve => ["open", "close"].forEach(each => socket.addEventListener(each, resolve)));
            }
            if (socket.readyState !== WebSocket.OPEN) {
                throw new Error("The WebSocket is not open");
            }
            socket.send(text);
            return "Sent";
        },
        leave() {
            left = true;
            if (socket.readyState === WebSocket.CONNECTING) {
                socket.onopen = () => socket.close(); // to close it earlier would be complained of on the console
            } else {
                socket.close();
            }
        },
    };
}

function byPolling(listener) {
    const end = new AbortController();
    poll(listener, end.signal);
    return { say: post, leave: () => end.abort() };
}

async function poll(listener, signal) {
    while (!signal.aborted) {
        try {
            const polled = fetch(`/chat?after=${heardLast}`, { signal, cache: "no-store" });
            listener.is("connected");
            const response = await polled;
            if (!response.ok) {
                throw new Error(response.statusText);
            }
            listener.heard(await response.text());
        } catch (failure) {
            listener.is("lost");
            await new Promise(resolve => setTimeout(resolve, RETRY));
        }
    }
}

function byStreaming(listener) {
    const source = new EventSource(`/chat?after=${heardLast}`);
    source.onopen = () => listener.is("connected");
    source.onerror = () => listener.is("lost");
    source.onmessage = event => listener.heard(event.data);
    return { say: post, leave: () => source.close() };
}

async function post(text) {
    const response = await fetch("/chat", { method: "POST", body: text });
    if (!response.ok) {
        throw new Error(`${response.status} ${response.statusText}`);
    }
    return `${response.status} ${response.statusText}`;
}

function label(way) {
    return { websocket: "WebSocket", polling: "long polling", streaming: "streaming" }[way];
}

function bubble(name, text, mine) {
    return element("li", { class: mine ? "mine" : "" }, element("b", {}, name), " ", element("span", {}, text));
}
