(ns org.httpkit.topics
  "Topics: `publish!` sends a message to everybody who has called `subscribe`, by WebSocket, server-sent events, a stream or
  long polling; a client that lost its connection comes back without a gap. Needs the jar httpkit-topics, whose
  docs/topics.md says what clients get."
  (:import [java.util Locale]
           [java.util.concurrent CompletionStage]
           [java.util.function BiConsumer]
           [org.httpkit.ring RingTopics]
           [org.httpkit.topics BackplaneStats MessageId Topics TopicsStats]))

(set! *warn-on-reflection* true)

(defn topics
  "Topics, for the other functions here. `.close` ends them: stop the server first. Options:

    :keep                 how many messages of each topic are kept for those who come back; 0 unless given
    :keep-ms              for how long, an hour unless given
    :max-history-bytes    that they may hold in all, 64 MiB unless given
    :max-topics           100,000 unless given
    :max-subscriptions    of one channel, 64 unless given
    :max-name-length      of a topic, 200 unless given
    :max-message-bytes    1 MiB unless given
    :max-undelivered      messages that may wait to be delivered, 10,000 unless given
    :slow-after-bytes     that wait for a client, 64 KiB unless given; see `subscribe`
    :presence-interval-ms how often clients learn how many they are, at most; 1000 unless given
    :keep-alive-interval-ms the longest silence on a stream, 15,000 unless given; 0 for none
    :backplane            a RedisBackplane or NatsBackplane, to share topics with other servers
    :publish-timeout-ms   how long a message may wait for the broker, 5000 unless given"
  (^Topics [] (topics {}))
  (^Topics [opts] (RingTopics/topics opts)))

(defn subscribe
  "Subscribes the client of a Ring request to topics: their names, or a map of options. Returns what the handler returns: the
  channel that stays open, the answer of a poll, or 403 if something is not allowed.

    :topics          their names; none lets WebSocket clients say what they want by the protocol
    :allow           (fn [topic]) whether this client may have it; also asked for what WebSocket clients subscribe to later
    :when-slow       what becomes of a client that does not keep up: `:close` (the default), `:latest` keeps only the newest
                     message of each topic, `:skip` leaves messages out and says how many
    :history?        true begins with what is kept, for clients that do not say where they were
    :presence?       true tells clients how many listen
    :on-message      (fn [ch message]) for what WebSocket clients say, a string or byte array
    :poll-timeout-ms 25,000 unless given
    :allowed-origins as for `org.httpkit.server/as-channel`

    (def chat (topics {:keep 100}))

    (defn handler [ring-req]
      (subscribe chat ring-req \"lobby\"))

    (publish! chat \"lobby\" \"hello\")"
  {:arglists '([topics ring-req name & names]
               [topics ring-req {:keys [topics allow when-slow history? presence? on-message poll-timeout-ms
                                        allowed-origins]}])}
  [^Topics topics ring-req opts-or-name & names]
  (RingTopics/subscribe topics ring-req
    (if (map? opts-or-name) opts-or-name {:topics (cons opts-or-name names)})))

(defn- id-map [^MessageId id]
  {:epoch (.epoch id), :offset (.offset id), :id (str id)})

(defn publish!
  "Sends a string or byte array to everybody who subscribes to the topic. Waits for nobody. Returns a promise of the
  message's id, `{:epoch :offset :id}`, or of the exception if it could not be published."
  [^Topics topics topic message]
  (let [published (promise)]
    (.whenComplete ^CompletionStage (.publish topics ^String topic (RingTopics/message message))
      (reify BiConsumer
        (accept [_ id failure]
          (deliver published (or failure (id-map id))))))
    published))

(defn presence
  "How many channels listen to a topic: `{:here :everywhere}`."
  [^Topics topics topic]
  (let [presence (.presence topics ^String topic)]
    {:here (.here presence), :everywhere (.everywhere presence)}))

(defn stats
  "What topics have done so far, and hold; with a backplane, how that is doing."
  [^Topics topics]
  (let [^TopicsStats s    (.stats topics)
        ^BackplaneStats b (.backplaneStats topics)]
    (cond-> {:topics           (.topics s)
             :subscriptions    (.subscriptions s)
             :published        (.published s)
             :delivered        (.delivered s)
             :skipped          (.skipped s)
             :stale            (.stale s)
             :history-messages (.historyMessages s)
             :history-bytes    (.historyBytes s)
             :undelivered      (.undelivered s)}
      b (assoc :backplane {:state    (keyword (.toLowerCase (str (.state b)) Locale/ROOT))
                           :offset   (.offset b)
                           :lag-ms   (.lagMillis b)
                           :failures (.failures b)
                           :gaps     (.gaps b)
                           :waiting  (.waiting b)}))))
