import { exchange, showState } from "./answer.js";
import { CLOJURE } from "./clojure.js";
import { followReading } from "./contents.js";
import { counter, setUpCounter } from "./counter.js";
import { element, milliseconds } from "./dom.js";
import { socketAddress } from "./sockets.js";
import { coloured, showAs, showSource, showSourcesWhenOpened } from "./source.js";
import { setUpTrials } from "./trials.js";

const RETRY = 1000;

/**
 * Takes part in the chat, again and again; returns what says something there. Its socket is the first to notice that the
 * server is gone, so it also tells that the counter may be out of date.
 */
function takePart() {
    const log = card("chat").querySelector(".talk");
    const state = card("chat").querySelector(".presence");
    const answer = card("chat").querySelector(".answer");
    let socket;
    let said = null; // and not heard yet

    function is(name, what) {
        if (state.dataset.is !== name) { // the same again would be read aloud again
            state.dataset.is = name;
            state.textContent = what;
        }
        for (const known of [log, card("counter").querySelector(".dial")]) {
            known.classList.toggle("stale", name === "lost");
        }
    }
    function hear({ data }) {
        log.append(element("li", {}, data));
        while (log.children.length > 50) {
            log.firstChild.remove();
        }
        log.scrollTop = log.scrollHeight;
        if (said?.text === data) {
            showState(answer, "Sent", true, [`heard after ${milliseconds(performance.now() - said.at)}`]);
            said = null;
        }
    }
    function lose() {
        is("lost", "Lost; the page connects again by itself. Nothing is heard until then.");
        if (said !== null) {
            showState(answer, "Lost", false, ["The connection ended before anybody here heard it."]);
            said = null;
        }
        setTimeout(connect, RETRY);
    }
    function connect() {
        socket = new WebSocket(socketAddress("/chat"));
        socket.onopen = () => is("connected", "Connected");
        socket.onmessage = hear;
        socket.onclose = lose;
    }

    is("connecting", "Connecting");
    connect();
    return ({ form: { elements: { text } } }) => {
        const words = text.value.trim();
        if (words === "") {
            showState(answer, "Say something", false);
        } else if (socket.readyState !== WebSocket.OPEN) {
            showState(answer, "Not sent", false, ["There is no connection. Say it again once there is."]);
        } else {
            said = { text: words, at: performance.now() };
            socket.send(words);
            showState(answer, "Sent", true);
            text.value = "";
        }
    };
}

/** Returns what listens to the clock until the other button is pressed. */
function setUpClock() {
    const dial = card("clock").querySelector(".dial");
    const answer = card("clock").querySelector(".answer");
    const { stop } = card("clock").querySelector("form").elements;
    let source = null;
    let retry;

    function listen() {
        end();
        stop.disabled = false;
        source = new EventSource("/clock");
        source.onopen = () => showState(answer, "Listening", true);
        source.onmessage = ({ data }) => {
            dial.textContent = data;
            dial.classList.remove("stale");
        };
        source.onerror = ({ target }) => {
            dial.classList.add("stale");
            showState(answer, "Lost", false, ["The clock stands still; the page connects again by itself."]);
            if (target.readyState === EventSource.CLOSED) { // the browser has given up
                retry = setTimeout(listen, RETRY);
            }
        };
    }
    function end() {
        clearTimeout(retry);
        source?.close();
    }
    stop.addEventListener("click", () => {
        end();
        stop.disabled = true;
        dial.classList.add("stale");
        showState(answer, "Stopped", true);
    });
    return listen;
}

function card(id) {
    return document.getElementById(id);
}

setUpTrials({
    chat: takePart(),
    counter,
    clock: setUpClock(),
    later: ({ answer }) => exchange(answer, "/later"),
});
setUpCounter(card("counter"));

showAs(CLOJURE);

for (const place of document.querySelectorAll(".card .source")) {
    showSource(place);
}
showSourcesWhenOpened();
for (const code of document.querySelectorAll("code.clojure")) {
    code.replaceChildren(...coloured(code.textContent));
}
followReading();
