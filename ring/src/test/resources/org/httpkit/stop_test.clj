(ns org.httpkit.stop-test
  "What a stop waits for, in each state of a server, in each of its two forms, and wherever it is called from."
  (:require [clojure.string     :as str]
            [clojure.test       :as test :refer [deftest is testing]]
            [org.httpkit.raw    :refer [connect websocket]]
            [org.httpkit.server :as hk])
  (:import [java.io EOFException IOException]
           [java.util.concurrent CountDownLatch TimeUnit]
           [org.httpkit.testkit RawClient RawWebSocket]))

(def ^:private patience-ms 10000)
(def ^:private long-ms
  "A timeout that no stop has to use up."
  20000)
(def ^:private short-ms 150)
(def ^:private call-ms
  "How long a call goes on after the stop has begun."
  250)

(def ^:private large-bytes
  "More than the system buffers for a client that does not read."
  30000000)

(defn- await-latch [^CountDownLatch latch]
  (.await latch patience-ms TimeUnit/MILLISECONDS))

(defn- call!
  "Runs in a handler or callback: tells that it runs, and does so until it is released."
  [{:keys [^CountDownLatch running ^CountDownLatch release ended]}]
  (.countDown running)
  (try
    (if (await-latch release) (reset! ended :returned) (reset! ended :forgotten))
    (catch InterruptedException e
      (reset! ended :interrupted)
      (throw e))))

(defn- stubborn-call!
  "`call!`, but whatever interrupts it."
  [{:keys [^CountDownLatch running ^CountDownLatch release ended]}]
  (.countDown running)
  (let [deadline (+ (System/nanoTime) (* patience-ms 1000000))]
    (while (and (pos? (.getCount release)) (< (System/nanoTime) deadline))
      (Thread/yield)))
  (reset! ended :returned))

(defn- get! [{:keys [port]} text]
  (doto (connect port) (.send ^String text)))

(def ^:private request "GET / HTTP/1.1\r\nHost: a\r\n\r\n")

(defn- on-close [{:keys [told]}]
  (fn [_ status] (swap! told conj status)))

(def ^:private states
  "For each state: how its connection is made and handled, the timeout of the stop, whether what runs is released while the stop
  waits, and what has come of it when the stop returns. `:client` is what the client sees then."
  {:no-connection
   {:timeout long-ms}

   :idle-connection
   {:handler (fn [_ _] {:status 200, :body "before"})
    :client  (fn [ctx] (doto (get! ctx request) (.read)))
    :timeout long-ms
    :sees    :end}

   :half-a-request
   {:handler (fn [_ _] {:status 200})
    :client  (fn [ctx] (get! ctx "GET / HT"))
    :timeout long-ms
    :sees    :end}

   :handler-that-ends
   {:handler  (fn [ctx _] (call! ctx) {:status 200, :body "finished"})
    :client   (fn [ctx] (get! ctx request))
    :runs?    true
    :released true
    :timeout  long-ms
    :ended    :returned
    :sees     "finished"}

   :handler-that-does-not-end
   {:handler (fn [ctx _] (call! ctx) {:status 200, :body "finished"})
    :client  (fn [ctx] (get! ctx request))
    :runs?   true
    :timeout short-ms
    :sees    :end}

   :handler-that-ignores-interrupts
   {:handler (fn [ctx _] (stubborn-call! ctx) {:status 200, :body "finished"})
    :client  (fn [ctx] (get! ctx request))
    :runs?   true
    :timeout short-ms
    :ended   nil
    :sees    :end}

   :handler-without-time
   {:handler (fn [ctx _] (call! ctx) {:status 200, :body "finished"})
    :client  (fn [ctx] (get! ctx request))
    :runs?   true
    :timeout 0
    :sees    :end}

   :long-poll
   {:handler (fn [{:keys [^CountDownLatch running] :as ctx} req]
               (hk/as-channel req {:on-open (fn [_] (.countDown running)), :on-close (on-close ctx)}))
    :client  (fn [ctx] (get! ctx request))
    :runs?   true
    :timeout long-ms
    :told    [:server-close]
    :sees    :end}

   :stream
   {:handler (fn [{:keys [^CountDownLatch running] :as ctx} req]
               (hk/as-channel req {:on-open  (fn [ch] (hk/send! ch "piece" false) (.countDown running))
                                   :on-close (on-close ctx)}))
    :client  (fn [ctx] (doto (get! ctx request) (.readHead) (.readChunk)))
    :runs?   true
    :timeout long-ms
    :told    [:server-close]
    :sees    :last-chunk}

   :websocket
   {:handler (fn [{:keys [^CountDownLatch running] :as ctx} req]
               (hk/as-channel req {:on-open (fn [_] (.countDown running)), :on-close (on-close ctx)}))
    :socket  true
    :runs?   true
    :timeout long-ms
    :told    [:server-close]
    :sees    1001}

   :on-receive-that-ends
   {:handler  (fn [ctx req] (hk/as-channel req {:on-receive (fn [_ _] (call! ctx)), :on-close (on-close ctx)}))
    :socket   "message"
    :runs?    true
    :released true
    :timeout  long-ms
    :ended    :returned
    :told     [:server-close]
    :sees     1001}

   :on-receive-that-does-not-end
   {:handler (fn [ctx req] (hk/as-channel req {:on-receive (fn [_ _] (stubborn-call! ctx))}))
    :socket  "message"
    :runs?   true
    :timeout short-ms
    :ended   nil
    :sees    :end}

   :on-close-that-takes-a-while
   {:handler (fn [{:keys [^CountDownLatch running told]} req]
               (hk/as-channel req {:on-open  (fn [_] (.countDown running))
                                   :on-close (fn [_ status] (Thread/sleep (long call-ms)) (swap! told conj status))}))
    :socket  true
    :runs?   true
    :timeout long-ms
    :told    [:server-close]
    :sees    1001}

   :response-to-a-slow-client
   {:handler (fn [_ _] {:status 200, :body (byte-array large-bytes)})
    :client  (fn [ctx] (doto (get! ctx request) (.readHead)))
    :slow?   true
    :timeout long-ms
    :sees    :whole}

   :response-that-is-still-raised
   {:opts     {:ring-async? true}
    :handler  (fn [ctx _ respond _] (future (call! ctx) (respond {:status 200, :body "raised"})))
    :client   (fn [ctx] (get! ctx request))
    :runs?    true
    :released true
    :timeout  long-ms
    :ended    :returned
    :sees     "raised"}})

;;;; Clients

(defn- seen-by-client [^RawClient client]
  (try
    (.text (.read client))
    (catch EOFException _ :end)
    (catch IOException _ :end)))

(defn- seen-by-slow-client [^RawClient client]
  (try
    (.readBytes client large-bytes)
    :whole
    (catch IOException _ :end)))

(defn- seen-by-stream [^RawClient client]
  (try
    (if (zero? (alength (.readChunk client))) :last-chunk :more)
    (catch IOException _ :end)))

(defn- open-client
  "Connects the state's client; returns what waits for what it sees at the end, and what closes it."
  [{:keys [client socket sees slow?]} {:keys [port running] :as ctx}]
  (cond
    socket (let [^RawWebSocket socket* (websocket port "/")]
             (when (string? socket) (.text socket* socket))
             ;; Answers the close frame, as each client does.
             (let [seen (future (let [code (try (.closeCode (.read socket*)) (catch IOException _ :end))]
                                  (.close socket*)
                                  code))]
               [#(deref seen patience-ms :nothing) #(.close socket*)]))
    client (let [^RawClient client* (client ctx)
                 seen (future (let [_    (when slow? (await-latch running))
                                    seen (cond
                                           slow?                (seen-by-slow-client client*)
                                           (= :last-chunk sees) (seen-by-stream client*)
                                           :else                (seen-by-client client*))]
                                (.close client*)
                                seen))]
             [#(deref seen patience-ms :nothing) #(.close client*)])
    :else  [(constantly nil) (fn [])]))

;;;; The stop

(defn- stop-by
  "Stops in one of the two forms; returns what tells that it is over, and what the form has returned."
  [form stop timeout]
  (let [server (:server (meta stop))]
    (case form
      :function (stop :timeout timeout)
      :promise  (hk/server-stop! server {:timeout timeout}))))

(defn- running-server [{:keys [handler opts]} ctx form caller timeout]
  (let [stop_    (promise)
        inside   (:inside ctx)
        stop!    (fn [] (deliver inside [(stop-by form @stop_ timeout) @(:told ctx) @(:ended ctx)]))
        handler* (fn [req & more]
                   (case (:uri req)
                     "/stop"        (do (stop!) (if more ((first more) {:status 200, :body "stopped"}) {:status 200, :body "stopped"}))
                     "/stop-socket" (let [response (hk/as-channel req {:on-receive (fn [ch _] (stop!) (hk/send! ch "stopped"))})]
                                      (if more ((first more) response) response))
                     (apply handler ctx req more)))
        stop     (hk/run-server (if handler handler* (fn [req & more] (apply handler* req more)))
                   (merge {:ip "127.0.0.1", :port 0} opts))]
    (deliver stop_ stop)
    stop))

(defn- stop-from
  "Calls the stop from there. Returns what the stop's form has returned, what `on-close` had been told and how the call had ended
  when it did, how long it took, and what answered the one who called from inside."
  [caller form stop {:keys [port told ended inside]} timeout]
  (let [begun  (System/nanoTime)
        answer (case caller
                 (:outside :hook) (do (deliver inside [(stop-by form stop timeout) @told @ended]) nil)
                 :handler         (with-open [client (get! {:port port} "GET /stop HTTP/1.1\r\nHost: a\r\n\r\n")]
                                    (seen-by-client client))
                 :callback        (with-open [socket (websocket port "/stop-socket")]
                                    (.text socket "stop")
                                    (try (.text (.read socket)) (catch IOException _ :end))))
        [returned told ended] (deref inside patience-ms [:nothing])]
    {:returned returned, :told told, :ended ended, :answer answer
     :ms       (quot (- (System/nanoTime) begun) 1000000)}))

(defn- outcome
  "What comes of a stop in that state."
  [state-name form caller]
  (let [{:keys [runs? released slow? timeout] :as state} (states state-name)
        ctx    {:running (CountDownLatch. 1), :release (CountDownLatch. 1), :ended (atom nil), :told (atom []), :inside (promise)}
        stop   (running-server state ctx form caller timeout)
        server (:server (meta stop))
        ctx    (assoc ctx :port (:local-port (meta stop)))
        [seen close] (open-client state ctx)]
    (try
      (when runs?
        (is (await-latch (:running ctx))))
      (when released
        (future (while (= :running (hk/server-status server)) (Thread/yield))
                (Thread/sleep (long call-ms))
                (.countDown ^CountDownLatch (:release ctx))))
      (when slow?
        (future (while (= :running (hk/server-status server)) (Thread/yield))
                (Thread/sleep (long call-ms))
                (.countDown ^CountDownLatch (:running ctx))))
      (let [result (stop-from caller form stop ctx timeout)
            seen   (seen)]
        (.countDown ^CountDownLatch (:release ctx))
        (hk/server-join server)
        (assoc result :sees seen, :status (hk/server-status server)))
      (finally
        (.countDown ^CountDownLatch (:release ctx))
        (close)
        (stop)))))

(defn check
  "Compares what comes of a stop in each state with what ought to."
  [form caller]
  (doseq [[state-name {:keys [timeout ended told sees]}] states]
    (testing (str state-name " " form " " caller)
      (let [result (outcome state-name form caller)]
        (is (= sees (:sees result)))
        (if (= :function form)
          (is (nil? (:returned result)))
          (is (true? (deref (:returned result) patience-ms :none))))
        (is (< (:ms result) (/ long-ms 2)) "no stop uses up a long timeout")
        (if (#{:handler :callback} caller)
          (when (pos? timeout)
            (is (= "stopped" (:answer result)) "who stops from inside still answers"))
          (do
            (when (contains? (states state-name) :ended)
              (is (= ended (:ended result)) "the call has ended when the stop returns"))
            (is (= (or told []) (:told result)) "on-close has been called when the stop returns")
            (when (= short-ms timeout)
              (is (<= short-ms (:ms result)) "the stop uses up its timeout"))))))))
(deftest the-function-called-from-outside (check :function :outside))
(deftest the-function-called-from-a-handler (check :function :handler))
(deftest the-function-called-from-a-callback (check :function :callback))
(deftest server-stop-called-from-outside (check :promise :outside))
(deftest server-stop-called-from-a-handler (check :promise :handler))
(deftest server-stop-called-from-a-callback (check :promise :callback))

;;;; From a shutdown hook

(defn -main
  "Ends this JVM with a hook that goes through all states, and tells what failed there."
  []
  (.addShutdownHook (Runtime/getRuntime)
    (Thread. (fn []
               (let [told (atom [])]
                 (binding [test/report (fn [{:keys [type] :as m}]
                                         (when-not (= :pass type)
                                           (swap! told conj [(test/testing-contexts-str) (:message m) (:expected m) (:actual m)])))]
                   (check :function :hook)
                   (check :promise :hook))
                 (println (if (empty? @told) "all as it should be" (pr-str @told)))
                 (flush)))))
  (System/exit 0))

(deftest the-jvm-waits-for-a-shutdown-hook-that-stops
  (let [java    (str (System/getProperty "java.home") "/bin/java")
        path    (or (System/getProperty "surefire.test.class.path") (System/getProperty "java.class.path"))
        command [java "-cp" path "clojure.main" "-e" "(require 'org.httpkit.stop-test) (org.httpkit.stop-test/-main)"]
        process (.start (doto (ProcessBuilder. ^java.util.List command) (.redirectErrorStream true)))
        told    (future (slurp (.getInputStream process)))]
    (try
      (is (str/ends-with? (str/trim (str (deref told 50000 "not over in time"))) "all as it should be"))
      (finally (.destroyForcibly process)))))

(deftest a-second-stop-returns-at-once
  (doseq [form [:function :promise]]
    (let [ctx  {:running (CountDownLatch. 1), :release (CountDownLatch. 1), :ended (atom nil)}
          stop (hk/run-server (fn [_] (call! ctx) {:status 200}) {:ip "127.0.0.1", :port 0})
          ctx  (assoc ctx :port (:local-port (meta stop)))]
      (with-open [_ (get! ctx request)]
        (is (await-latch (:running ctx)))
        (let [first-one (future (stop :timeout long-ms))]
          (while (= :running (hk/server-status (:server (meta stop)))) (Thread/yield))
          (is (nil? (stop-by form stop long-ms)) "while the first one waits")
          (is (not (realized? first-one)))
          (.countDown ^CountDownLatch (:release ctx))
          (is (nil? (deref first-one patience-ms :none)))
          (is (nil? (stop-by form stop long-ms)) "when it has stopped"))))))

(deftest an-interrupt-ends-the-wait-and-what-runs
  (let [ctx     {:running (CountDownLatch. 1), :release (CountDownLatch. 1), :ended (atom nil)}
        stop    (hk/run-server (fn [_] (call! ctx) {:status 200}) {:ip "127.0.0.1", :port 0, :error-logger (fn [_ _])})
        ctx     (assoc ctx :port (:local-port (meta stop)))
        left    (promise)
        stopper (Thread. (fn [] (stop :timeout long-ms) (deliver left (.isInterrupted (Thread/currentThread)))))]
    (with-open [client (get! ctx request)]
      (is (await-latch (:running ctx)))
      (.start stopper)
      (while (= :running (hk/server-status (:server (meta stop)))) (Thread/yield))
      (.interrupt stopper)
      (is (true? (deref left patience-ms :none)))
      (is (= :end (seen-by-client client)))
      (hk/server-join (:server (meta stop)))
      (is (= :interrupted @(:ended ctx))))))

(deftest on-close-has-returned-also-where-the-worker-is-the-program-s-own
  (let [pool (java.util.concurrent.Executors/newFixedThreadPool 2)
        told (atom []), open (CountDownLatch. 1)
        stop (hk/run-server (fn [req] (hk/as-channel req {:on-open  (fn [_] (.countDown open))
                                                          :on-close (fn [_ status] (Thread/sleep (long call-ms)) (swap! told conj status))}))
               {:ip "127.0.0.1", :port 0, :worker-pool pool})]
    (try
      (with-open [socket (websocket (:local-port (meta stop)) "/")]
        (is (await-latch open))
        (let [seen (future (let [code (.closeCode (.read socket))] (.close socket) code))]
          (stop :timeout long-ms)
          (is (= [:server-close] @told))
          (is (= 1001 (deref seen patience-ms :none)))))
      (finally (.shutdown pool)))))
