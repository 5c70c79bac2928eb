(ns org.httpkit.runner
  "Runs tests one by one for JUnit."
  (:require [clojure.string :as str]
            [clojure.test   :as test]))

(defn tests
  "The test vars of a namespace, by line."
  [ns-sym]
  (->> (vals (ns-interns ns-sym))
       (filter (comp :test meta))
       (sort-by (comp :line meta))
       vec))

(def ^:private patience-ms 60000)

(defn- describe [m]
  (str (str/upper-case (name (:type m))) " at " (:file m) ":" (:line m)
    (when (seq test/*testing-contexts*) (str "\n" (test/testing-contexts-str)))
    (when (:message m) (str "\n" (:message m)))
    "\nexpected: " (pr-str (:expected m))
    "\n  actual: " (if (instance? Throwable (:actual m))
                     (with-out-str
                       (let [w (java.io.PrintWriter. *out*)]
                         (.printStackTrace ^Throwable (:actual m) w)
                         (.flush w)))
                     (pr-str (:actual m)))))

(defn failures
  "Runs one test; what failed in it as text, empty if nothing did. A test that asserts nothing has failed."
  [test-var]
  (let [told (atom {:passed 0, :failures []})
        run  (future
               (binding [test/report (fn [m]
                                       (case (:type m)
                                         :pass          (swap! told update :passed inc)
                                         (:fail :error) (swap! told update :failures conj (describe m))
                                         nil))
                         test/*report-counters* (ref test/*initial-report-counters*)]
                 (test/test-vars [test-var])
                 :done))]
    (when-not (deref run patience-ms nil)
      (future-cancel run)
      (swap! told update :failures conj (str "Not over within " patience-ms " ms")))
    (let [{:keys [passed failures]} @told]
      (cond
        (seq failures) (str/join "\n\n" failures)
        (zero? passed) "It has asserted nothing"
        :else          ""))))
