package io.zenmesh.xds.server;

import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.ReceiptBatch;
import io.zenmesh.xds.model.ReceiptBatch.Numbered;
import io.zenmesh.xds.wire.EncodedReceipts;
import io.zenmesh.xds.wire.ReceiptCodec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Takes receipts from processors. Who calls is what its certificate says; a receipt of a tenant
 * that the node does not serve is left out, and reported: were the call refused instead, everything
 * behind it would wait for ever.
 */
final class ReceiptService implements BindableService {
  private final NodeRegistry registry;
  private final ReceiptIntake intake;

  ReceiptService(NodeRegistry registry, ReceiptIntake intake) {
    this.registry = registry;
    this.intake = intake;
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(ReceiptCodec.SERVICE)
        .addMethod(ReceiptCodec.RECORD, ServerCalls.asyncUnaryCall(this::record))
        .build();
  }

  private void record(EncodedReceipts encoded, StreamObserver<Long> answer) {
    NodeId node = Peer.current().node();
    if (!Entitlements.mayRecord(node.role())) {
      String text = "receipts: role " + node.role() + " (expected: EXTPROC)";
      registry.events().refused(node.spiffePath(), text);
      answer.onError(Status.PERMISSION_DENIED.withDescription(text).asRuntimeException());
      return;
    }
    Optional<Set<Name>> tenants = registry.tenants(node);
    if (tenants.isEmpty()) {
      answer.onError(
          Status.UNAVAILABLE
              .withDescription("receipts: nothing published for this node yet")
              .asRuntimeException());
      return;
    }
    try {
      ReceiptBatch batch = ReceiptCodec.decode(encoded);
      List<Numbered> served = served(node, batch, tenants.get());
      if (!served.isEmpty()) {
        intake.record(node, new ReceiptBatch(batch.spool(), served));
      }
      answer.onNext(batch.last());
      answer.onCompleted();
    } catch (IllegalArgumentException e) {
      answer.onError(
          Status.INVALID_ARGUMENT
              .withDescription(e.getMessage())
              .withCause(e)
              .asRuntimeException());
    } catch (ReceiptsUnavailableException e) {
      answer.onError(
          Status.UNAVAILABLE.withDescription("receipts: not on record").asRuntimeException());
    }
  }

  private List<Numbered> served(NodeId node, ReceiptBatch batch, Set<Name> tenants) {
    List<Numbered> served =
        batch.receipts().stream()
            .filter(it -> tenants.contains(it.receipt().ref().tenant()))
            .toList();
    int foreign = batch.receipts().size() - served.size();
    if (foreign > 0) {
      String names =
          batch.receipts().stream()
              .map(it -> it.receipt().ref().tenant())
              .filter(tenant -> !tenants.contains(tenant))
              .distinct()
              .limit(8)
              .map(Name::value)
              .collect(Collectors.joining(","));
      registry.events().foreignReceipts(node, foreign + "_of_" + names);
    }
    return served;
  }
}
