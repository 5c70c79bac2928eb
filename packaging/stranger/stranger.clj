(ns stranger
  "The program of a stranger who comes from http-kit: packaging/trial runs it with what a build tool finds."
  (:require [org.httpkit.server :as server]))

(defn -main [& _]
  (let [running (server/run-server (fn [_] {:status 200, :body "hello stranger"})
                  {:ip "127.0.0.1", :port 0, :legacy-return-value? false})]
    (try
      (println (slurp (str "http://127.0.0.1:" (server/server-port running) "/")))
      (finally
        @(server/server-stop! running)
        (shutdown-agents)))))
