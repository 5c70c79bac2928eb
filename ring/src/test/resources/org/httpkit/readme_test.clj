(ns org.httpkit.readme-test
  "The Clojure code in the README runs."
  (:require [clojure.test       :refer [deftest is testing]]
            [org.httpkit.server :as hk]))

(def ^:private blocks
  (map second (re-seq #"(?s)```clojure\n(.*?)```" (slurp "../README.md"))))

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
