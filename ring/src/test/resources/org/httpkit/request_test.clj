(ns org.httpkit.request-test
  "What a handler is given."
  (:require [clojure.data       :as data]
            [clojure.pprint     :as pprint]
            [clojure.test       :refer [deftest is testing]]
            [clojure.walk       :as walk]
            [org.httpkit.raw    :refer [ask ask-on connect with-server]]
            [org.httpkit.server :as hk])
  (:import [org.httpkit BytesInputStream]
           [org.httpkit.server AsyncChannel]))

(def ^:private request-keys
  #{:remote-addr :headers :async-channel :server-port :content-length :websocket? :content-type :character-encoding
    :uri :server-name :query-string :body :scheme :request-method :start-time :protocol})

(defn- seen
  "What `f` makes of the request map that a request becomes."
  ([f] (seen f "GET" "/" {} nil))
  ([f method path headers body]
   (let [result (promise)]
     (with-server [port (fn [req] (deliver result (try [(f req)] (catch Throwable e e))) {:status 200})]
       (ask port method path headers body)
       (let [told (deref result 10000 :none)]
         (if (vector? told) (first told) (throw (ex-info "The handler has failed" {} (when (instance? Throwable told) told)))))))))

(deftest has-the-keys-of-ring-and-our-own
  (is (= request-keys (seen (comp set keys)))))

(deftest tells-a-get-request
  (let [port-seen (atom nil)
        req       (with-server [port (fn [req] {:status 200
                                                :body   (pr-str (dissoc (into {} req) :async-channel :start-time))})]
                    (reset! port-seen port)
                    (read-string (:body (ask port "GET" "/a%20b?x=1&y" {"X-Y" "z"} nil))))]
    (is (= {:remote-addr        "127.0.0.1"
            :headers            {"host" "test", "x-y" "z"}
            :server-port        @port-seen
            :content-length     0
            :websocket?         false
            :content-type       nil
            :character-encoding "utf8"
            :uri                "/a%20b"
            :server-name        "test"
            :query-string       "x=1&y"
            :body               nil
            :scheme             :http
            :request-method     :get
            :protocol           "HTTP/1.1"}
           req))))

(deftest tells-a-body
  (is (= [5 "text/plain" "ISO-8859-1" "hello"BytesInputStream 5]
         (seen (fn [{:keys [content-length content-type character-encoding body]}]
                 [content-length content-type character-encoding (slurp body) (class body)
                  (.getCount ^BytesInputStream body)])
           "POST" "/" {"Content-Type" "text/plain; charset=ISO-8859-1"} "hello"))))

(deftest numbers-are-of-the-class-that-ring-names
  (is (= [Integer Integer] (seen (juxt (comp class :server-port) (comp class :content-length)))))
  (is (= [Integer Integer] (seen (juxt (comp class :server-port) (comp class :content-length))
                             "POST" "/" {"Host" "a:81"} "hello"))))

(deftest a-content-type-is-told-without-parameters-if-it-has-a-charset
  (doseq [[value expected] {"application/json; charset=utf-8"               ["application/json" "utf-8"]
                            "application/json;charset=\"UTF-8\""          ["application/json" "UTF-8"]
                            "text/html; level=1; Charset = latin1"          ["text/html" "latin1"]
                            "text/html; note=\"a;charset=b\"; charset=c"  ["text/html" "c"]
                            "text/html; charset=\"a\\\"b\""             ["text/html" "a\"b"]
                            "text/html; note=\"charset=b\""               ["text/html; note=\"charset=b\"" "utf8"]
                            "text/html; charset="                           ["text/html; charset=" "utf8"]
                            "multipart/form-data; boundary=x"               ["multipart/form-data; boundary=x" "utf8"]
                            "application/json"                              ["application/json" "utf8"]}]
    (is (= expected (seen (juxt :content-type :character-encoding) "GET" "/" {"Content-Type" value} nil)))))

(deftest a-body-can-be-read-again-after-a-reset
  (is (= [5 "hello" "" "hello"]
         (seen (fn [{:keys [^java.io.InputStream body]}]
                 [(.available body) (slurp body) (slurp body) (do (.reset body) (slurp body))])
           "POST" "/" {} "hello"))))

(deftest tells-the-length-of-a-body-that-came-in-chunks
  (with-server [port (fn [req] {:body (pr-str [(:content-length req) (some-> (:body req) slurp)])})]
    (doseq [[chunks expected] {"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n" [5 "hello"], "0\r\n\r\n" [0 nil]}]
      (with-open [client (connect port)]
        (.send client ^String (str "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" chunks))
        (is (= expected (read-string (.text (.read client)))))))
    (is (= [0 nil] (read-string (:body (ask port "POST" "/" {} "")))) "nor is there a body of no bytes")))

(deftest a-body-is-the-same-stream-in-every-map
  (is (= ["he" "llo"]
         (seen (fn [req]
                 (let [two   (byte-array 2)
                       other (assoc req :uri "/other" :x 1)]
                   (.read ^java.io.InputStream (:body other) two)
                   [(String. two) (slurp (:body req))]))
           "POST" "/" {} "hello"))))

(deftest joins-repeated-headers
  (with-server [port (fn [req] {:status 200, :body (pr-str (:headers req))})]
    (with-open [client (connect port)]
      (.send client "GET / HTTP/1.1\r\nHost: a\r\nAccept: x\r\nCookie: a=1\r\nACCEPT: y\r\nCookie: b=2\r\n\r\n")
      (is (= {"host" "a", "accept" "x,y", "cookie" "a=1; b=2"} (read-string (.text (.read client)))))
      (testing "also when there are many"
        (.send client ^String (str "GET / HTTP/1.1\r\nHost: a\r\n"
                                (apply str (for [i (range 40)] (str "X-" (mod i 20) ": " i "\r\n"))) "\r\n"))
        (let [headers (read-string (.text (.read client)))]
          (is (= 21 (count headers)))
          (is (= "3,23" (get headers "x-3"))))))))

(deftest takes-name-and-port-from-host
  (with-server [port (fn [req] {:body (pr-str [(:server-name req) (:server-port req)])})]
    (doseq [[host expected] {"example.org:81" ["example.org" 81]
                             "example.org"    ["example.org" port]
                             "[::1]:8080"     ["[::1]" 8080]
                             "[::1]"          ["[::1]" port]
                             "example.org:"   ["example.org" port]}]
      (is (= expected (read-string (:body (ask port "GET" "/" {"Host" host} nil))))))))

(deftest a-port-that-is-none-is-as-good-as-no-port
  (with-server [port (fn [req] {:body (pr-str [(:server-name req) (:server-port req)])}) {:trusted-proxies ["127.0.0.0/8"]}]
    (doseq [[host expected] {"a:81" 81, "a:65535" 65535, "a:b" port, "a:65536" port, "a:99999999999" port, "a:" port}
            :let [answer (ask port "GET" "/" {"Forwarded" (str "for=192.0.2.1;host=\"" host "\"")} nil)]
            :when (not= 400 (:status answer))]
      (is (= ["a" expected] (read-string (:body answer))) host))))

(deftest believes-nobody-about-the-address
  (let [forwarded {"X-Forwarded-For" "10.1.1.1, 10.2.2.2"}]
    (is (= "127.0.0.1" (seen :remote-addr "GET" "/" forwarded nil)))
    (with-server [port (fn [req] {:body (:remote-addr req)}) {:legacy-unsafe-remote-addr? true}]
      (is (= "10.1.1.1" (:body (ask port "GET" "/" forwarded nil)))))
    (with-server [port (fn [req] {:body (:remote-addr req)}) {:trusted-proxies ["127.0.0.0/8"]}]
      (is (= "10.2.2.2" (:body (ask port "GET" "/" forwarded nil)))))))

(deftest methods-are-lower-case-keywords
  (with-server [port (fn [req] {:body (pr-str (:request-method req))})]
    (doseq [method ["POST" "DELETE" "PATCH" "TRACE" "PROPFIND"]]
      (is (= (str ":" (.toLowerCase ^String method)) (:body (ask port method "/" {} nil)))))))

(deftest has-the-channel
  (is (true? (seen (fn [req] (instance? AsyncChannel (:async-channel req))))))
  (is (true? (seen (fn [req] (identical? (:async-channel req) (:async-channel (assoc req :a 1 :uri "/")))))))
  (is (true? (seen (fn [req] (= (:async-channel req) (get (into {} req) :async-channel)))))))

(deftest start-time-is-now
  (is (< -1 (seen (fn [req] (- (System/nanoTime) (:start-time req)))) 10e9)))

(deftest is-a-map-like-any-other
  (testing "reading"
    (is (true? (seen map?)))
    (is (true? (seen associative?)))
    (is (true? (seen counted?)))
    (is (true? (seen ifn?)))
    (is (= [:get :get :get] (seen (fn [req] [(req :request-method) (:request-method req) (get req :request-method)]))))
    (is (= [nil :none nil "x"] (seen (fn [req] [(:nothing req) (:nothing req :none) (req "nothing") (get req 1 "x")]))))
    (is (nil? (seen (fn [req] (:query-string req :none)))) "nil is a value")
    (is (= ["/" "GET /"] (seen (fn [{:keys [uri request-method] :as req}]
                                 [uri (str (.toUpperCase (name request-method)) " " (:uri req))]))))
    (is (= 16 (seen count)))
    (is (= [true false] (seen (fn [req] [(contains? req :query-string) (contains? req :params)]))))
    (is (= [:uri "/"] (seen (fn [req] (vec (find req :uri))))))
    (is (= {:uri "/" :scheme :http} (seen (fn [req] (select-keys req [:uri :scheme :nothing])))))
    (is (= "/" (seen (fn [req] (.get ^java.util.Map req :uri))))))
  (testing "changing"
    (is (= ["/x" "/"] (seen (fn [req] [(:uri (assoc req :uri "/x")) (:uri req)]))))
    (is (= [nil false 15] (seen (fn [req] (let [r (dissoc req :uri)] [(:uri r) (contains? r :uri) (count r)])))))
    (is (= [17 1 16] (seen (fn [req] (let [r (assoc req :params 1)] [(count r) (:params r) (count (dissoc r :params))])))))
    (is (= ["/" 16] (seen (fn [req] (let [r (assoc (dissoc req :uri) :uri "/")] [(:uri r) (count r)])))))
    (is (= "/!" (seen (fn [req] (:uri (update req :uri str "!"))))))
    (is (= "b" (seen (fn [req] (get-in (assoc-in req [:headers "a"] "b") [:headers "a"])))))
    (is (= [1 "/z"] (seen (fn [req] ((juxt :a :uri) (merge req {:a 1 :uri "/z"}))))))
    (is (= [1 "/"] (seen (fn [req] ((juxt :a :uri) (merge {:a 1} req))))))
    (is (= [2 "/"] (seen (fn [req] ((juxt :a :uri) (into req {:a 2}))))))
    (is (= [2 "/"] (seen (fn [req] ((juxt :a :uri) (persistent! (assoc! (transient req) :a 2)))))))
    (is (= nil (seen (fn [req] (:uri (assoc req :uri nil))))))
    (is (= {} (seen empty))))
  (testing "as a value"
    (is (true? (seen (fn [req] (let [plain (into {} (seq req))]
                                 (and (= req plain) (= plain req) (= (hash req) (hash plain))
                                   (.equals ^Object req plain) (= (.hashCode ^Object req) (.hashCode ^Object plain))
                                   (= req (assoc req :uri "/"))
                                   (not= req (assoc req :uri "/other"))
                                   (not= req (dissoc req :uri))
                                   (contains? #{plain} req)))))))
    (is (= {:m 1} (seen (fn [req] (meta (assoc (with-meta req {:m 1}) :a 1))))))
    (is (true? (seen (fn [req] (= (set (keys req)) (set (map key req)) (reduce-kv (fn [s k _] (conj s k)) #{} req))))))
    (is (true? (seen (fn [req] (= (count (vals req)) (count req))))))
    (is (= :found (seen (fn [req] (reduce-kv (fn [_ k _] (when (= k :uri) (reduced :found))) nil req)))))
    (is (= "/" (seen (fn [req] (:uri (read-string (pr-str (dissoc req :async-channel))))))))
    (is (re-find #":uri \"/\"" (seen str)))))

(deftest goes-through-what-goes-through-maps
  (is (= 16 (seen (fn [req] (count (walk/postwalk identity req))))))
  (is (= "/" (seen (fn [req] (:uri (walk/stringify-keys req) (get (walk/stringify-keys req) "uri"))))))
  (is (re-find #":uri \"/\"" (seen (fn [req] (with-out-str (pprint/pprint req))))))
  (is (= [[nil nil] "/"] (seen (fn [req] (let [[a b both] (data/diff req (assoc req :uri "/"))] [[a b] (:uri both)])))))
  (is (= "/" (seen (fn [req] (:uri (merge-with (fn [a _] a) req {:uri "/other"}))))))
  (is (= "/" (seen (fn [req] (:uri (reduce (fn [m [k v]] (assoc m k v)) {} req))))))
  (is (= "/x" (seen (fn [req] (:uri (.assoc ^clojure.lang.Associative req :uri "/x"))))))
  (is (= 17 (seen (fn [req] (count (conj req [:a 1])))))))

(deftest stays-lazy-when-changed
  (is (= [nil :mine]
         (seen (fn [req]
                 (let [changed (-> req (assoc :params {} :body :mine) (dissoc :async-channel))]
                   [(:async-channel changed) (:body changed)]))))))

(deftest printing-a-request-leaves-the-answer-to-the-handler
  (with-server [port (fn [req] {:status 200, :body (str (count (pr-str req)))})]
    (with-open [client (connect port)]
      (is (= 200 (:status (ask-on client "/"))))
      (is (= 200 (:status (ask-on client "/")))))))
