package io.zenmesh.controlplane.receipt;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.NumberedTrail;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.model.ReceiptBatch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReceiptRecorderTest {
  private static final String SPOOL = "0123456789abcdef0123456789abcdef";

  private static NodeId node(String name) {
    return new NodeId(new Name("edge"), NodeRole.EXTPROC, new Name(name));
  }

  private static ReceiptBatch batch(String spool) {
    Receipt receipt =
        new Receipt(
            EndpointRef.parse("acme/orders"),
            Receipt.Outcome.ACCEPTED,
            "",
            "request-1",
            "event-1",
            1);
    return new ReceiptBatch(spool, List.of(new ReceiptBatch.Numbered(7, receipt)));
  }

  /** A node that copies the spool of another one keeps nothing of the other's from the record. */
  @Test
  void numbers_areThoseOfOneNodeAndOneSpool() {
    List<String> sources = new ArrayList<>();
    NumberedTrail trail =
        (source, events) -> {
          assertThat(events).extracting(NumberedTrail.Numbered::number).containsExactly(7L);
          assertThat(events.getFirst().event().actor().id()).isEqualTo(source.split("#", -1)[0]);
          sources.add(source);
          return events.size();
        };
    ReceiptRecorder recorder = new ReceiptRecorder(trail);
    recorder.record(node("one"), batch(SPOOL));
    recorder.record(node("two"), batch(SPOOL));
    recorder.record(node("one"), batch("f" + SPOOL.substring(1)));
    assertThat(sources).doesNotHaveDuplicates().hasSize(3);
  }
}
