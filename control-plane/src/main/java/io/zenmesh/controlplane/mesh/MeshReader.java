package io.zenmesh.controlplane.mesh;

import io.zenmesh.extproc.signature.Catalogue;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads mesh files: raw YAML, then documents each by itself, then all of them together with the
 * secrets they name.
 *
 * <p>Strict: an unknown key, a wrong type, a reference to nothing or a secret that does not suit
 * its scheme is a problem, and so is a file without a document; one problem refuses the file. All
 * problems are told at once. Thread-safe.
 */
public final class MeshReader {
  private final Catalogue catalogue;
  private final SecretSource secrets;
  private final InstantSource clock;
  private final boolean archives;

  /**
   * @param catalogue the schemes an endpoint may name
   * @param secrets where values and certificates are read
   * @param clock judges certificates; takes it that the control plane has a place for archives
   */
  public MeshReader(Catalogue catalogue, SecretSource secrets, InstantSource clock) {
    this(catalogue, secrets, clock, true);
  }

  /**
   * @param archives whether there is a place for archives of the audit record; without one no
   *     tenant may state a retention
   */
  public MeshReader(
      Catalogue catalogue, SecretSource secrets, InstantSource clock, boolean archives) {
    this.archives = archives;
    this.catalogue = catalogue;
    this.secrets = secrets;
    this.clock = clock;
  }

  /**
   * Reads a mesh.
   *
   * @param file what problems call the text
   */
  public MeshReading read(String file, String text) {
    return read(file, text, List.of());
  }

  /**
   * Reads documents that state no secret: those they refer to are kept already, and stay as they
   * are. The mesh holds no secret then, and says so.
   *
   * @param file what problems call the text
   * @param kept all secrets there are
   */
  public MeshReading readBeside(String file, String text, List<KeptSecret> kept) {
    return switch (read(file, text, kept)) {
      case MeshReading.Good(Mesh mesh) -> new MeshReading.Good(mesh.keepingSecrets());
      case MeshReading.Bad bad -> bad;
    };
  }

  private MeshReading read(String file, String text, List<KeptSecret> kept) {
    Problems problems = new Problems(file);
    List<YamlValue> raw = YamlTree.read(text, problems);
    DocumentReader reader = new DocumentReader(problems);
    List<MeshDocument> documents = new ArrayList<>();
    int number = 0;
    for (YamlValue each : raw) {
      reader.read(each, ++number).ifPresent(documents::add);
    }
    if (documents.isEmpty() && problems.none()) {
      // An empty file is rather one that is being written than the wish to remove everything.
      problems.add(1, "", "file", "no documents", "at least one; the last Tenant has to stay");
    }
    MeshLinker linker = new MeshLinker(documents, kept, archives, problems);
    linker.check();
    SecretLoader loader = new SecretLoader(secrets, clock.instant(), problems);
    List<SecretSpec> values = loader.load(linker.secrets());
    new SchemeCheck(catalogue, problems).check(linker.endpoints(), values);
    if (problems.none()) {
      return new MeshReading.Good(linker.mesh(values));
    }
    values.forEach(SecretSpec::close);
    return new MeshReading.Bad(problems.sorted());
  }
}
