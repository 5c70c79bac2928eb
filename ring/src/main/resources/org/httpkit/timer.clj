(ns org.httpkit.timer
  "Tasks that run once, later, and can be cancelled until then.

  All tasks share one thread, so a task must not block. The JVM stays until they have run; seconds behind the last one
  the thread ends. What a task throws goes to the thread's uncaught exception handler and stops no other task."
  (:import [org.httpkit.ring Timers Timers$Task]))

(set! *warn-on-reflection* true)

(defmacro schedule-task
  "Runs the body in that many milliseconds, and returns a task for `cancel`."
  [ms & body]
  `(Timers/schedule (long ~ms) (^{:once true} fn* [] ~@body)))

(defn cancel
  "Cancels a task. True if it had not run and now never will, false if it is too late for that."
  [task]
  (.cancel ^Timers$Task task))

(defmacro with-timeout
  "Runs the body with the function named `f` (a symbol) replaced by one that first cancels a timeout: if `timeout-form`
  has not begun to run, because `ms` milliseconds have not passed, it never will, and `f` is called; else `f` is not
  called, and the call returns nil.

      (with-timeout respond 1000 (respond {:status 503})
        (fetch (fn [answer] (respond {:status 200 :body answer}))))"
  [f ms timeout-form & body]
  `(let [task# (schedule-task ~ms ~timeout-form)
         ~f (let [wrapped# ~f]
              (fn [& args#]
                (when (cancel task#)
                  (apply wrapped# args#))))]
     ~@body))
