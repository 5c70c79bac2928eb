(ns examples.poll
  "A counter that clients watch by long polling: a client says what it knows, and gets
  a response once that has changed."
  (:require [org.httpkit.server :refer [as-channel send!]]
            [org.httpkit.timer  :refer [schedule-task]]))

(def ^:private counter (atom 0))
(def ^:private waiting (atom #{}))

(defn- answer [ch]
  (send! ch {:status 200, :headers {"Content-Type" "text/plain"}, :body (str @counter)}))

(defn- take-all! []
  (first (reset-vals! waiting #{})))

(defn- increment []
  (swap! counter inc)
  (run! answer (take-all!))
  {:status 200, :headers {"Content-Type" "text/plain"}, :body (str @counter)})

(defn- watch [{:keys [query-string] :as req}]
  (as-channel req
    {:on-open  (fn [ch]
                 (swap! waiting conj ch)
                 (when (not= query-string (str "known=" @counter))
                   (answer ch))
                 ;; Nobody waits for ever: 204 means, ask again.
                 (schedule-task 20000 (send! ch {:status 204})))
     :on-close (fn [ch _] (swap! waiting disj ch))}))

(defn handler [req]
  (if (= :post (:request-method req))
    (increment)
    (watch req)))
