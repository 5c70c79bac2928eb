(ns org.httpkit.readme-test
  "The Clojure code in the documents runs, and the tests that the module's own README names exist."
  (:require [clojure.test       :refer [deftest is testing]]
            [org.httpkit.server :as hk]))

(def ^:private blocks
  (map second (re-seq #"(?s)```clojure\n(.*?)```" (slurp "../docs/clojure.md"))))

(deftest every-block-runs
  (is (seq blocks))
  (let [run-server hk/run-server
        ports      (atom [])]
    (with-redefs [hk/run-server (fn [handler opts]
                                  (let [stop (run-server handler (assoc opts :ip "127.0.0.1" :port 0))]
                                    (swap! ports conj (:local-port (meta stop)))
                                    stop))]
      (doseq [block blocks]
        (binding [*ns* (create-ns (gensym "readme"))]
          (refer-clojure)
          (is (nil? (load-string block)) "the last expression stops the server"))))
    (is (every? pos? @ports))))

(deftest each-test-that-the-table-names-exists
  (let [named (re-seq #"`([a-z-]+-test)/([a-z0-9-]+)`" (slurp "README.md"))]
    (is (< 60 (count named)))
    (doseq [[_ test-ns test-name] (distinct named)
            :let [full (symbol (str "org.httpkit." test-ns))]]
      (require full)
      (is (:test (meta (ns-resolve full (symbol test-name)))) (str test-ns "/" test-name)))))

(deftest each-var-is-in-the-table
  (let [table (slurp "README.md")]
    (doseq [var-name (keys (ns-publics 'org.httpkit.server))
            :when (not (#{'IHttpServer 'server-join} var-name))]
      (is (re-find (re-pattern (str "\\*\\*`" (java.util.regex.Pattern/quote (str var-name)) "`\\*\\*")) table) (str var-name)))))

(deftest each-documented-option-is-in-the-table
  (let [table   (slurp "README.md")
        options (concat (-> #'hk/run-server meta :arglists first (nth 2) first :keys)
                  '[init on-open on-receive on-ping on-close on-handshake-error timeout])]
    (doseq [option options]
      (is (re-find (re-pattern (str "`:" (java.util.regex.Pattern/quote (str option)) "[` ]")) table) (str option)))))
