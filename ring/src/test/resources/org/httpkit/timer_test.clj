(ns org.httpkit.timer-test
  (:require [clojure.string    :as str]
            [clojure.test      :refer [deftest is testing]]
            [org.httpkit.raw   :refer [await-value]]
            [org.httpkit.timer :as timer :refer [cancel schedule-task with-timeout]])
  (:import [java.util.concurrent TimeUnit]))

(deftest runs-a-task-later
  (let [ran (promise)]
    (is (some? (schedule-task 1 (deliver ran :first) (deliver ran :second))))
    (is (= :first (await-value ran)))))

(deftest a-cancelled-task-is-not-run
  (let [ran  (atom false)
        task (schedule-task 3600000 (reset! ran true))]
    (is (true? (cancel task)))
    (is (false? (cancel task)) "only once")
    (is (false? @ran))))

(deftest a-task-that-has-run-cannot-be-cancelled
  (let [running (promise)
        release (promise)
        done    (promise)
        task    (schedule-task 0 (deliver running true) (deref release 10000 nil) (deliver done true))]
    (await-value running)
    (is (false? (cancel task)) "nor one that runs")
    (deliver release true)
    (await-value done)
    (is (false? (cancel task)))))

(deftest a-task-that-throws-stops-no-other
  (let [caught  (promise)
        handler (Thread/getDefaultUncaughtExceptionHandler)]
    (Thread/setDefaultUncaughtExceptionHandler
      (reify Thread$UncaughtExceptionHandler (uncaughtException [_ _ e] (deliver caught e))))
    (try
      (let [ran (promise)]
        (schedule-task 0 (throw (ex-info "meant" {})))
        (schedule-task 1 (deliver ran true))
        (is (true? (await-value ran)))
        (is (= "meant" (ex-message (await-value caught)))))
      (finally
        (Thread/setDefaultUncaughtExceptionHandler handler)))))

(deftest tasks-run-by-time
  (let [order (atom [])
        done  (promise)]
    ;; Far apart, as this thread may be late between them.
    (schedule-task 1000 (swap! order conj 3) (deliver done true))
    (schedule-task 500 (swap! order conj 2))
    (schedule-task 1 (swap! order conj 1))
    (await-value done)
    (is (= [1 2 3] @order))))

(deftest with-timeout-calls-whoever-is-first
  (testing "the function"
    (let [answer (fn [& xs] (vec xs))]
      (is (= [1 2] (with-timeout answer 3600000 (throw (ex-info "not run" {})) (answer 1 2))))))
  (testing "the timeout"
    (let [timed-out (promise)
          answer    (fn [_] :answered)]
      (is (nil? (with-timeout answer 1 (deliver timed-out true)
                  (await-value timed-out)
                  (answer 1)))))))

(deftest the-jvm-stays-for-tasks-to-come-and-ends-behind-them
  (let [java    (str (System/getProperty "java.home") "/bin/java")
        path    (or (System/getProperty "surefire.test.class.path") (System/getProperty "java.class.path"))
        program "(require 'org.httpkit.timer) (org.httpkit.timer/schedule-task 1000 (println \"has run\"))"
        process (.start (doto (ProcessBuilder. ^java.util.List [java "-cp" path "clojure.main" "-e" program])
                          (.redirectErrorStream true)))
        told    (future (slurp (.getInputStream process)))]
    (try
      (is (str/ends-with? (str/trim (deref told 50000 "not over in time")) "has run"))
      (is (true? (.waitFor process 10 TimeUnit/SECONDS)))
      (finally (.destroyForcibly process)))))
