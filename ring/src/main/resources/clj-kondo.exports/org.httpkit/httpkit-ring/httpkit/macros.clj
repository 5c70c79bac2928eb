(ns httpkit.macros
  "Shows clj-kondo what the macros bind."
  (:require [clj-kondo.hooks-api :as api]))

(defn with-channel
  "(with-channel req ch body*) binds ch to a channel: (let [ch (:async-channel req)] body*)."
  [{:keys [node]}]
  (let [[req ch & body] (rest (:children node))]
    {:node (api/list-node
             (list* (api/token-node 'let)
               (api/vector-node [ch (api/list-node [(api/keyword-node :async-channel) req])])
               body))}))

(defn with-timeout
  "(with-timeout f ms timeout-form body*) runs the body with f bound anew: (let [f f] ms timeout-form body*)."
  [{:keys [node]}]
  (let [[f ms timeout-form & body] (rest (:children node))]
    {:node (api/list-node
             (list* (api/token-node 'let)
               (api/vector-node [f f])
               ms timeout-form body))}))
