/** How sources in Clojure are shown: see source.js. Their namespace says what they are about, so it is not folded. */
export const CLOJURE = {
    tokens: new RegExp([
        String.raw`(?<string>#?"(?:\\.|[^"\\])*"|\\(?:newline|return|space|tab|formfeed|backspace|u[0-9a-fA-F]{4}|.))`,
        String.raw`(?<remark>;.*)`,
        String.raw`(?<annotation>\^(?::?[\w.*+!?<>=/-]+)?)`,
        String.raw`(?<literal>(?<![\w*+!?<>=/.-])(?:::?[\w.*+!?<>=/-]+|(?:true|false|nil)(?![\w*+!?<>=/.-])))`,
        String.raw`(?<keyword>(?<=\()(?:ns|def|defn-?|defmacro|defmulti|defmethod|defonce|defprotocol|defrecord|deftype|`
            + String.raw`reify|fn|let|letfn|loop|recur|if|if-not|if-let|if-some|when|when-not|when-let|when-some|cond|condp|`
            + String.raw`case|do|doseq|dotimes|for|while|and|or|not|->|->>|some->|some->>|cond->|cond->>|doto|binding|`
            + String.raw`with-open|try|catch|finally|throw|quote|var|set!|new)(?=[\s()[\]{}]))`,
        String.raw`(?<number>(?<![\w*+!?<>=/.-])-?\d[\w./]*)`,
        String.raw`(?<type>\b[A-Z]\w*[a-z]\w*\b)`,
    ].join("|"), "g"),
    need: /(?!)/,
    member: /^\(/,
};
