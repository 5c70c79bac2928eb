import { showFailure } from "./answer.js";

/** Lets the button of each card run the example of its name. A failure is shown where the answer would be. */
export function setUpTrials(examples) {
    for (const card of document.querySelectorAll("[data-example]")) {
        const form = card.querySelector("form");
        const trial = { card, form, answer: card.querySelector(".answer") };
        const button = form.querySelector("button:not([type])");
        form.addEventListener("submit", async event => {
            event.preventDefault();
            if (button.disabled) {
                return;
            }
            button.disabled = true;
            try {
                await examples[card.dataset.example](trial);
            } catch (failure) {
                showFailure(trial.answer, failure);
            }
            button.disabled = false;
        });
    }
}
