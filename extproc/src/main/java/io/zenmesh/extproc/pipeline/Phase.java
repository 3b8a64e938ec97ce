package io.zenmesh.extproc.pipeline;

/** Which of Envoy's messages an answer belongs to. */
public enum Phase {
  /** The request headers, which were the whole request. */
  HEAD,
  /** The buffered request body. */
  BODY
}
