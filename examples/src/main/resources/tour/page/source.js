import { element } from "./dom.js";

const TOKEN = new RegExp([
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

/** The text of a Java file as nodes, its words coloured by kind. */
export function coloured(java) {
    const nodes = [];
    let end = 0;
    for (const token of java.matchAll(TOKEN)) {
        const kind = Object.keys(token.groups).find(name => token.groups[name] !== undefined);
        nodes.push(java.slice(end, token.index), element("span", { class: kind }, token[0]));
        end = token.index + token[0].length;
    }
    nodes.push(java.slice(end));
    return nodes;
}

/** Fills a place with the source file that it names, without the file's package and imports. */
export async function showSource(place) {
    const file = place.dataset.file;
    const link = element("a", { href: `/source/${file}` }, "whole file");
    const code = element("code");
    place.replaceChildren(
        element("header", {}, element("span", {}, file), link),
        element("pre", { tabindex: "0", "aria-label": `Source of ${file}` }, code));
    const response = await fetch(`/source/${file}`);
    const text = response.ok ? await response.text() : `The source could not be read: ${response.status}`;
    code.append(...coloured(text.replace(/^(package|import) .*\n+/gm, "").trim()));
}
