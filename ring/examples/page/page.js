const part = id => document.getElementById(id);
const output = id => part(id).querySelector("output");

const chat = new WebSocket(location.href.replace(/^http/, "ws") + "chat");
chat.onmessage = message => {
    output("chat").append(message.data + "\n");
    output("chat").scrollTop = output("chat").scrollHeight;
};
part("chat").querySelector("form").onsubmit = submitted => {
    submitted.preventDefault();
    const input = part("chat").querySelector("input");
    chat.send(input.value);
    input.value = "";
};

async function watch(known) {
    try {
        const response = await fetch("poll?known=" + known);
        const next = response.status === 200 ? await response.text() : known;
        output("poll").textContent = next;
        watch(next);
    } catch {
        output("poll").textContent = "The server cannot be reached.";
        setTimeout(watch, 2000, known);
    }
}
watch("");
part("poll").querySelector("button").onclick = () => fetch("poll", {method: "POST"});

new EventSource("clock").onmessage = event => { output("clock").textContent = event.data; };

part("later").querySelector("button").onclick = async () => {
    output("later").textContent = "…";
    output("later").textContent = await (await fetch("later")).text();
};

for (const place of document.querySelectorAll("[data-source]")) {
    fetch("source/" + place.dataset.source).then(
        async response => { place.textContent = response.ok ? await response.text() : `Status ${response.status}`; },
        () => { place.textContent = "The server cannot be reached."; });
}
