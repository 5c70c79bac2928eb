(ns examples.chat
  "A chat room: each WebSocket receives what anyone says."
  (:require [org.httpkit.server :refer [as-channel send!]]))

(def ^:private people (atom #{}))

(defn- say [text]
  (doseq [ch @people]
    (send! ch text)))

(defn handler [req]
  (if-not (:websocket? req)
    {:status 426, :headers {"Upgrade" "websocket"}, :body "Connect by WebSocket"}
    (as-channel req
      {:on-open    (fn [ch]
                     (swap! people conj ch)
                     (say (str (count @people) " here")))
       :on-receive (fn [_ text] (say text))
       :on-close   (fn [ch _]
                     (swap! people disj ch)
                     (say (str (count @people) " here")))})))
