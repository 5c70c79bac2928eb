/**
 * What a fuzzer feeds: one class for each decoder and encoder, with the rule that every input has to keep to. {@code ./fuzz} runs
 * them under Jazzer; {@link org.httpkit.tests.fuzz.CorpusTest} replays what it has found worth keeping.
 */
package org.httpkit.tests.fuzz;
