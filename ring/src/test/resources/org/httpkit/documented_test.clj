(ns org.httpkit.documented-test
  "The examples of the API document, as they are written there."
  (:require [clojure.repl       :as repl]
            [clojure.string     :as str]
            [clojure.test       :refer [deftest is testing]]
            [org.httpkit.raw    :refer [ask await-value connect websocket with-server]]
            [org.httpkit.server :as hk :refer [as-channel send!]]
            [org.httpkit.timer  :as timer])
  (:import [java.util.concurrent LinkedBlockingQueue TimeUnit]))

(def clients_ (atom #{}))
(defn my-async-handler [ring-req]
  (as-channel ring-req
    {:on-open (fn [ch] (swap! clients_ conj ch))}))

(defn- send-async-responses []
  (doseq [ch @clients_]
    (swap! clients_ disj ch)
    (send! ch {:status 200 :headers {"Content-Type" "text/html"}
               :body "Your async response"}
      ;; false ; Uncomment to use chunk encoding for HTTP streaming
      )))

(deftest async-http-response
  (with-server [port my-async-handler]
    (with-open [one (connect port), two (connect port)]
      (doseq [client [one two]]
        (.send ^org.httpkit.testkit.RawClient client "GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
      (let [deadline (+ (System/nanoTime) 10000000000)]
        (while (and (< (count @clients_) 2) (< (System/nanoTime) deadline))
          (Thread/yield)))
      (send-async-responses)
      (doseq [client [one two]]
        (is (= "Your async response" (.text (.read ^org.httpkit.testkit.RawClient client)))))
      (is (= #{} @clients_)))))

(deftest async-http-streaming-response
  (with-server [port my-async-handler]
    (with-open [client (connect port)]
      (.send client "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      (let [deadline (+ (System/nanoTime) 10000000000)]
        (while (and (empty? @clients_) (< (System/nanoTime) deadline))
          (Thread/yield)))
      (doseq [ch @clients_]
        (swap! clients_ disj ch)
        (send! ch {:status 200 :headers {"Content-Type" "text/html"}
                   :body "Your async response"}
          false))
      (is (= "chunked" (.field (.readHead client) "Transfer-Encoding")))
      (is (= "Your async response" (String. (.readChunk client)))))))

(defn my-chatroom-handler [ring-req]
  (if-not (:websocket? ring-req)
    {:status 200 :body "Welcome to the chatroom! JS client connecting..."}
    (as-channel ring-req
      {:on-receive (fn [ch message]     (println "on-receive:" message))
       :on-close   (fn [ch status-code] (println "on-close:"   status-code))
       :on-open    (fn [ch]             (println "on-open:"    ch))})))

(deftest websocket-response
  (let [lines  (LinkedBlockingQueue.)
        next!  (fn next! []
                 (let [line (.poll lines 10 TimeUnit/SECONDS)]
                   (if (or (nil? line) (re-find #"on-|normal|hello|server" line)) line (next!))))]
    (with-redefs [println (fn [& xs] (.add lines (str/join " " xs)))]
      (with-server [port my-chatroom-handler]
        (is (= "Welcome to the chatroom! JS client connecting..." (:body (ask port "/"))))
        (with-open [socket (websocket port "/")]
          (is (re-find #"^on-open: .*127.0.0.1:\d+<->" (next!)))
          (.text socket "hello")
          (is (= "on-receive: hello" (next!)))
          (.close socket 1000 "")
          (is (= "on-close: :normal" (next!))))))))

(deftest no-middleware-touches-what-is-sent
  (let [wrap    (fn [handler] (fn [req] (-> (handler req) (assoc-in [:headers "X-Wrapped"] "yes") (update :body #(if (string? %) (str/upper-case %) %)))))
        handler (wrap (fn [req] (if (= "/channel" (:uri req)) (as-channel req {:on-open (fn [ch] (send! ch "sent"))}) {:status 200, :body "returned"})))]
    (with-server [port handler]
      (is (= ["yes" "RETURNED"] ((juxt #(get-in % [:headers "X-Wrapped"]) :body) (ask port "/"))))
      (is (= [nil "sent"] ((juxt #(get-in % [:headers "X-Wrapped"]) :body) (ask port "/channel")))))))

(deftest arities-are-those-of-the-document
  (is (= '([handler & [{:keys [ip port max-body max-ws max-line proxy-protocol worker-pool error-logger warn-logger
                               event-logger event-names legacy-return-value? server-header address-finder
                               channel-factory ring-async?] :as opts}]])
         (map (fn [[handler amp [opts]]] [handler amp [(dissoc opts :or)]]) (:arglists (meta #'hk/run-server)))))
  (is (= '{max-ws 4194304 ring-async? false max-body 8388608 max-line 8192 server-header "http-kit" ip "0.0.0.0"
           proxy-protocol :disable port 8090 legacy-return-value? true}
         (-> #'hk/run-server meta :arglists first (nth 2) first :or)))
  (doseq [[v arglists] {#'hk/server-stop!                       '([http-server] [http-server opts])
                        #'hk/-server-stop!                      '([http-server opts])
                        #'hk/server-port                        '([http-server])
                        #'hk/server-status                      '([http-server])
                        #'hk/server-join                        '([http-server])
                        #'hk/open?                              '([ch])
                        #'hk/websocket?                         '([ch])
                        #'hk/close                              '([ch])
                        #'hk/send!                              '([ch data] [ch data close-after-send?])
                        #'hk/on-receive                         '([ch callback])
                        #'hk/on-ping                            '([ch callback])
                        #'hk/on-close                           '([ch callback])
                        #'hk/accept                             '([sec-websocket-key])
                        #'hk/sec-websocket-accept               '([sec-websocket-key])
                        #'hk/websocket-handshake-check          '([ring-req])
                        #'hk/send-checked-websocket-handshake!  '([ch sec-ws-accept])
                        #'hk/send-websocket-handshake!          '([ch ring-req])
                        #'hk/with-channel                       '([ring-req ch-name & body])
                        #'timer/schedule-task                   '([ms & body])
                        #'timer/cancel                          '([task])
                        #'timer/with-timeout                    '([f ms timeout-form & body])}]
    (is (= arglists (:arglists (meta v))) (str v))
    (is (string? (:doc (meta v))) (str v)))
  (is (= '[queue-size n-min-threads n-max-threads prefix allow-virtual?]
         (-> #'hk/new-worker meta :arglists first first :keys)))
  (is (= 'ring-req (-> #'hk/as-channel meta :arglists first first))))

(deftest the-protocols-have-these-methods-and-no-others
  (is (= #{:open? :websocket? :close :send! :on-receive :on-ping :on-close} (set (keys (:sigs hk/Channel)))))
  (is (= #{:server-port :server-status :-server-stop!} (set (keys (:sigs hk/IHttpServer))))))

(deftest these-are-the-vars
  (is (= '#{accept as-channel close on-close on-ping on-receive open? send! websocket? Channel
            IHttpServer -server-stop! server-port server-status new-worker run-server sec-websocket-accept
            send-checked-websocket-handshake! send-websocket-handshake! server-stop! server-join
            websocket-handshake-check with-channel}
         (set (keys (ns-publics 'org.httpkit.server))))
      "and no others, which would come along with (:use org.httpkit.server)")
  (is (= '#{schedule-task cancel with-timeout} (set (keys (ns-publics 'org.httpkit.timer))))))

(deftest each-var-has-something-to-print-for-doc
  (doseq [[sym v] (concat (ns-publics 'org.httpkit.server) (ns-publics 'org.httpkit.timer))]
    (is (seq (:doc (meta v))) (str sym)))
  (is (re-find #"(?s)org.httpkit.server/as-channel.*:on-open" (with-out-str (repl/doc hk/as-channel))))
  (is (re-find #"(?s)run-server.*:worker-pool.*org.http-kit.memmap-file-threshold.*20" (with-out-str (repl/doc hk/run-server))))
  (is (re-find #"(?s)org.httpkit.server/send!.*close-after-send\?" (with-out-str (repl/doc hk/send!))))
  (is (re-find #"(?s)org.httpkit.server/with-channel.*Macro.*as-channel" (with-out-str (repl/doc hk/with-channel)))))

(deftest what-is-deprecated-says-so
  (is (= "v2.4.0 (2020-07-30)" (:deprecated (meta #'hk/accept)) (:deprecated (meta #'hk/with-channel))))
  (is (:macro (meta #'hk/with-channel))))
