package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.RecordView;
import io.zenmesh.controlplane.audit.AuditExport;
import io.zenmesh.controlplane.audit.AuditView;
import io.zenmesh.controlplane.audit.ChainHead;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.controlplane.audit.verify.ExportItem;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.xds.model.Name;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "export",
    description = "Writes a tenant's whole record as a file that can be verified offline.")
final class AuditExportCommand implements Callable<Integer> {
  private static final int PAGE = 1_000;

  @Mixin private ChainOption of;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "A new file; compressed when its name ends in .gz.")
  private Path file;

  @ParentCommand private AuditCommand parent;

  @Override
  public Integer call() {
    Name chain = of.chain();
    try (ApiClient api = parent.api();
        OutputStream out = open(file)) {
      // First: every entry in the log of this size can be read afterwards.
      Optional<String> checkpoint = api.checkpoint().checkpoint();
      long size = checkpoint.map(SignedCheckpoint::parse).map(SignedCheckpoint::size).orElse(0L);
      AuditExport.write(new Pages(api, chain, size), Optional.of(chain), checkpoint, out);
    } catch (FileAlreadyExistsException e) {
      throw CliException.usage("--out: " + file + " is there already (expected: a new file)");
    } catch (IOException e) {
      throw CliException.failed(file + ": cannot be written");
    }
    return Zenctl.DONE;
  }

  private static OutputStream open(Path file) throws IOException {
    OutputStream plain =
        new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW));
    return file.toString().endsWith(".gz") ? new GZIPOutputStream(plain) : plain;
  }

  /** The record behind the API, read page by page. */
  private record Pages(ApiClient api, Name chain, long size) implements AuditView {
    @Override
    public String log() {
      return api.auditLeaves(chain, 0, 1).log();
    }

    @Override
    public List<ChainHead> heads() {
      return List.of(new ChainHead(chain, 0, 0, Hash.of(new byte[Hash.BYTES])));
    }

    @Override
    public Optional<ExportItem.Cut> cut(Name of) {
      return api.auditLeaves(of, 0, 1)
          .cut()
          .map(it -> new ExportItem.Cut(of.value(), it.seq(), Hash.parse(it.hash())));
    }

    @Override
    public void entries(Name of, long after, long through, Consumer<ClaimedEntry> to) {
      long last = after;
      while (true) {
        List<RecordView.Entry> page = api.auditEntries(of, Optional.of(last), PAGE);
        page.forEach(it -> to.accept(it.claimed(of.value())));
        if (page.size() < PAGE) {
          return;
        }
        last = page.getLast().seq();
      }
    }

    @Override
    public void leaves(long from, long until, Consumer<ClaimedLeaf> to) {
      long next = from;
      while (next < size) {
        List<RecordView.Leaf> page =
            api.auditLeaves(chain, next, (int) Math.min(PAGE, size - next)).leaves();
        if (page.isEmpty()) {
          return;
        }
        page.forEach(it ->
            to.accept(
                new ClaimedLeaf(
                    it.position(),
                    it.seq().map(seq -> new ClaimedLeaf.Place(chain.value(), seq)),
                    Hash.parse(it.hash()))));
        next = page.getLast().position() + 1;
      }
    }
  }
}
