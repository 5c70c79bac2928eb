(ns examples.main
  "Serves all examples and a page that shows them: ./run clojure"
  (:require [clojure.java.io    :as io]
            [examples.chat      :as chat]
            [examples.clock     :as clock]
            [examples.later     :as later]
            [examples.poll      :as poll]
            [org.httpkit.server :as server]))

(defn- page [resource content-type]
  {:status 200, :headers {"Content-Type" content-type}, :body (io/input-stream (io/resource resource))})

(defn- source
  "The source of an example, by a name from this list alone."
  [uri]
  (when-let [file (some #{"chat.clj" "poll.clj" "clock.clj" "later.clj"} [(subs uri (count "/source/"))])]
    (page (str "examples/" file) "text/plain; charset=utf-8")))

(defn app
  "The server runs with `:ring-async? true`; this function answers for handlers of one argument."
  [req respond raise]
  (case (:uri req)
    "/later" (later/handler req respond raise)
    (respond
      (case (:uri req)
        "/"        (page "page/index.html" "text/html; charset=utf-8")
        "/page.js" (page "page/page.js" "text/javascript")
        "/chat"    (chat/handler req)
        "/poll"    (poll/handler req)
        "/clock"   (clock/handler req)
        (when (.startsWith ^String (:uri req) "/source/")
          (source (:uri req)))))))

(defn start
  "Starts the examples; returns the function that stops them."
  [opts]
  (server/run-server app (assoc opts :ring-async? true)))

(defn -main [& args]
  (let [port (Long/parseLong (or (second (drop-while #(not= "--port" %) args)) "8090"))
        stop (start {:port port})]
    (println (str "The examples are at http://localhost:" (:local-port (meta stop)) "/"))))
