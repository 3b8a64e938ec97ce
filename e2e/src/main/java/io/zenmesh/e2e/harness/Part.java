package io.zenmesh.e2e.harness;

/** What listens on TCP in a mesh, with its distance from {@code --port-base}. */
public enum Part {
  /** First ingress Envoy: the webhook door. */
  INGRESS_1(0),
  /** Second ingress Envoy. */
  INGRESS_2(1),
  /** Egress Envoy: takes only the ingress Envoys' mutual TLS. */
  EGRESS_1(10),
  /** The sample target. */
  TARGET(20),
  /** The control plane's xDS. */
  XDS(30),
  /** The control plane's admin API. */
  API(31),
  /** Health and metrics of the processor beside the first ingress Envoy. */
  PROCESSOR_1(40),
  /** Health and metrics of the processor beside the second ingress Envoy. */
  PROCESSOR_2(41),
  POSTGRES(50),
  REDIS(51);

  private final int offset;

  Part(int offset) {
    this.offset = offset;
  }

  /** Added to {@code --port-base}. */
  public int offset() {
    return offset;
  }
}
