(ns examples.main
  "Serves all examples and a page that shows them: ./run clojure"
  (:require [clojure.java.io    :as io]
            [examples.chat      :as chat]
            [examples.clock     :as clock]
            [examples.later     :as later]
            [examples.poll      :as poll]
            [org.httpkit.server :as server]))

(defn- file
  "A file of the class path; nil if it is not there."
  [resource content-type]
  (when-let [found (io/resource resource)]
    {:status 200, :headers {"Content-Type" content-type}, :body (io/input-stream found)}))

(defn- page []
  (assoc-in (file "page/index.html" "text/html; charset=utf-8") [:headers "Content-Security-Policy"] "default-src 'self'"))

(def ^:private content-types
  {"css" "text/css; charset=utf-8", "js" "text/javascript; charset=utf-8", "svg" "image/svg+xml"})

(defn- part
  "A file that the page loads. Those that are not in its own folder it shares with the tour in Java."
  [uri]
  (when-let [[_ file-name kind] (re-matches #"/page/([a-z]+\.(css|js|svg))" uri)]
    (some #(file (str % file-name) (content-types kind)) ["page/" "tour/page/"])))

(defn- source
  "The source of an example. The pattern lets no other folder be named."
  [uri]
  (when-let [[_ file-name] (re-matches #"/source/([a-z]+\.clj)" uri)]
    (file (str "examples/" file-name) "text/plain; charset=utf-8")))

(defn app
  "The server runs with `:ring-async? true`; this function answers for handlers of one argument."
  [{:keys [uri] :as req} respond raise]
  (case uri
    "/later" (later/handler req respond raise)
    (respond
      (case uri
        "/"      (page)
        "/chat"  (chat/handler req)
        "/count" (poll/handler req)
        "/clock" (clock/handler req)
        (or (part uri) (source uri))))))

(defn start
  "Starts the examples; returns the function that stops them."
  [opts]
  (server/run-server app (assoc opts :ring-async? true)))

(defn -main [& args]
  (let [port (Long/parseLong (or (second (drop-while #(not= "--port" %) args)) "8090"))
        stop (start {:port port})]
    (println (str "The examples are at http://localhost:" (:local-port (meta stop)) "/"))))
