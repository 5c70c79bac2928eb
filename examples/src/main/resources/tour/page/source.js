import { ask, reasonOf } from "./answer.js";
import { element } from "./dom.js";

/** A language: its words, each group named by the class that colours them; what a file needs; and how a member begins. */
const JAVA = {
    tokens: new RegExp([
        String.raw`(?<comment>/\*[\s\S]*?\*/)`,
        String.raw`(?<remark>//.*)`,
        String.raw`(?<string>"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')`,
        String.raw`(?<annotation>@\w+)`,
        String.raw`(?<keyword>\b(?:boolean|byte|case|catch|char|class|default|else|extends|final|for|if|implements|int|`
            + String.raw`interface|long|new|null|private|public|record|return|static|switch|synchronized|this|throw|throws|try|void|`
            + String.raw`volatile|while|true|false|yield)\b)`,
        String.raw`(?<number>\b\d[\w.]*)`,
        String.raw`(?<type>\b[A-Z]\w*[a-z]\w*\b)`,
    ].join("|"), "g"),
    need: /^(package|import) /,
    member: /^ {4}\S/,
};

let language = JAVA;

/** Has all sources shown as another language's. */
export function showAs(other) {
    language = other;
}

/** The text of a file as nodes, its words coloured by kind. */
export function coloured(text) {
    const nodes = [];
    let end = 0;
    for (const token of text.matchAll(language.tokens)) {
        const kind = Object.keys(token.groups).find(name => token.groups[name] !== undefined);
        nodes.push(text.slice(end, token.index), element("span", { class: kind }, token[0]));
        end = token.index + token[0].length;
    }
    nodes.push(text.slice(end));
    return nodes;
}

/** A long source is folded behind its first members, which have so many lines at least, if that hides so many lines at least. */
const SHOWN_LINES = 30;
const FOLDED_LINES = 10;

/** Fills a place with the source file that it names. Tells whether the file could be read. */
export async function showSource(place) {
    const file = place.dataset.file;
    const link = element("a", { href: `/source/${file}` }, "whole file");
    place.replaceChildren(element("header", {}, element("span", {}, file), link));
    try {
        const { head, first, rest } = parts((await (await ask(`/source/${file}`)).text()).trimEnd().split("\n"));
        place.append(
            ...folded(`Imports (${head.filter(line => line.startsWith("import ")).length})`, `Imports of ${file}`, head),
            listing(`Source of ${file}`, first),
            ...folded(`The other ${rest.length} lines`, `The other lines of ${file}`, rest));
        return true;
    } catch (failure) {
        place.append(element("pre", {}, `The source could not be read. ${reasonOf(failure)}`));
        return false;
    }
}

/** Fills the sources that have to be opened, each when it is; one that could not be read, when it is opened again. */
export function showSourcesWhenOpened() {
    for (const details of document.querySelectorAll(".together details")) {
        let shown = false;
        details.addEventListener("toggle", async () => {
            if (details.open && !shown) {
                shown = await showSource(details.querySelector(".source"));
            }
        });
    }
}

/** A file reads from the top: above the class is what it needs, and behind the first members are the small ones that they use. */
function parts(lines) {
    const start = 1 + lines.findLastIndex(line => language.need.test(line));
    const isEndOfMember = (line, i) => i >= start + SHOWN_LINES && line === "" && language.member.test(lines[i + 1]);
    const end = lines.findIndex(isEndOfMember);
    const cut = end === -1 || lines.length - end <= FOLDED_LINES ? lines.length : end;
    return { head: lines.slice(0, start), first: lines.slice(start, cut), rest: lines.slice(cut + 1) };
}

function listing(label, lines) {
    const text = lines.join("\n").replace(/^\n+/, "");
    return element("pre", { tabindex: "0", "aria-label": label }, element("code", {}, ...coloured(text)));
}

/** A button that shows the lines and hides them, and the lines; nothing if there are none. */
function folded(text, label, lines) {
    if (lines.length === 0) {
        return [];
    }
    const button = element("button", { type: "button", class: "fold", "aria-expanded": "false" }, text);
    const pre = listing(label, lines);
    pre.hidden = true;
    button.addEventListener("click", () => {
        pre.hidden = !pre.hidden;
        button.setAttribute("aria-expanded", String(!pre.hidden));
    });
    return [button, pre];
}
