import { element } from "./dom.js";

const JAVA = new RegExp([
    String.raw`(?<comment>/\*[\s\S]*?\*/)`,
    String.raw`(?<remark>//.*)`,
    String.raw`(?<string>"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')`,
    String.raw`(?<annotation>@\w+)`,
    String.raw`(?<keyword>\b(?:boolean|byte|case|catch|char|class|default|else|extends|final|for|if|implements|int|`
        + String.raw`interface|long|new|null|private|public|record|return|static|switch|synchronized|this|throw|throws|try|void|`
        + String.raw`volatile|while|true|false|yield)\b)`,
    String.raw`(?<number>\b\d[\w.]*)`,
    String.raw`(?<type>\b[A-Z]\w*[a-z]\w*\b)`,
].join("|"), "g");

let language = JAVA;

/** Has all sources coloured by the tokens of another language; the name of each group is the class of its words. */
export function colourAs(tokens) {
    language = tokens;
}

/** The text of a file as nodes, its words coloured by kind. */
export function coloured(text) {
    const nodes = [];
    let end = 0;
    for (const token of text.matchAll(language)) {
        const kind = Object.keys(token.groups).find(name => token.groups[name] !== undefined);
        nodes.push(text.slice(end, token.index), element("span", { class: kind }, token[0]));
        end = token.index + token[0].length;
    }
    nodes.push(text.slice(end));
    return nodes;
}

/** Sources with more lines begin folded. */
const MOST_LINES = 40;

/** Fills a place with the source file that it names, without the file's package and imports. */
export async function showSource(place) {
    const file = place.dataset.file;
    const link = element("a", { href: `/source/${file}` }, "whole file");
    const code = element("code");
    const pre = element("pre", { tabindex: "0", "aria-label": `Source of ${file}` }, code);
    place.replaceChildren(element("header", {}, element("span", {}, file), link), pre);
    const text = await sourceOf(file);
    code.append(...coloured(text));
    const lines = text.split("\n").length;
    if (lines > MOST_LINES) {
        fold(pre, lines);
    }
}

async function sourceOf(file) {
    try {
        const response = await fetch(`/source/${file}`);
        return response.ok
            ? (await response.text()).replace(/^(package|import) .*\n+/gm, "").trim()
            : `The source could not be read: ${response.status}`;
    } catch {
        return "The source could not be read: the server does not answer.";
    }
}

function fold(pre, lines) {
    const button = element("button", { type: "button", class: "plain unfold" }, `Show all ${lines} lines`);
    pre.classList.add("folded");
    pre.after(button);
    button.addEventListener("click", () => {
        pre.classList.remove("folded");
        button.remove();
        pre.focus();
    });
}
