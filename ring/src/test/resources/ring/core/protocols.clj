(ns ring.core.protocols
  "Stands in for Ring's namespace of this name, with the same protocol.")

(defprotocol StreamableResponseBody
  (write-body-to-stream [body response output-stream]))
