(ns examples.later
  "A Ring handler of three arguments: it returns at once, and responds when there is something to say."
  (:require [org.httpkit.timer :refer [schedule-task]]))

(defn handler [req respond raise]
  (if (= "fail" (:query-string req))
    (raise (ex-info "This one fails" {}))
    (schedule-task 500
      (respond {:status 200, :headers {"Content-Type" "text/plain"}, :body "Half a second later."}))))
