(ns examples.clock
  "A clock by server-sent events: one response that goes on, an event each second."
  (:require [org.httpkit.server :refer [as-channel send!]]
            [org.httpkit.timer  :refer [schedule-task]])
  (:import [java.time LocalTime]
           [java.time.temporal ChronoUnit]))

(defn- event []
  (str "data: " (.truncatedTo (LocalTime/now) ChronoUnit/SECONDS) "\n\n"))

(defn- tick
  "Sends the time now and every second, until the channel is closed."
  [ch]
  (when (send! ch (event) false)
    (schedule-task 1000 (tick ch))))

(defn handler [req]
  (as-channel req
    {:on-open (fn [ch]
                (send! ch
                  {:status 200, :headers {"Content-Type" "text/event-stream", "Cache-Control" "no-cache"}}
                  false)
                (tick ch))}))
