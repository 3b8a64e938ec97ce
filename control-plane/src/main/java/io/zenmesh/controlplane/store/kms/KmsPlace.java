package io.zenmesh.controlplane.store.kms;

/** Where keys are; its text names it to the operator. Immutable. */
public interface KmsPlace {
  /** What would have been there instead of a fault, in the operator's words. */
  String expected(KmsFault fault);
}
