package io.zenmesh.controlplane.store.s3;

import io.zenmesh.controlplane.audit.ArchiveException;
import io.zenmesh.controlplane.audit.ArchiveFault;
import io.zenmesh.controlplane.audit.ArchiveName;
import io.zenmesh.controlplane.audit.ArchivePlace;
import io.zenmesh.xds.model.Name;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Archives of audit segments as objects of an S3-compatible store: {@code
 * PREFIX/CHAIN/FROM-TO.jsonl.gz}. See <a
 * href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html">conditional
 * writes</a>.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>An object is put once: under the condition that there is none of its name, with its SHA-256,
 * in one piece of at most 5 GiB. It is read back and compared before {@link #write} returns,
 * however the store has answered. A store that refuses the condition itself is asked whether the
 * object is there before it is put. Requests are tried up to three times; an answer has to begin,
 * and to go on, within ten seconds, and to end within ten minutes. Used by one thread at a time.
 */
public final class S3Archives implements ArchivePlace {
  /** How long a store may take. */
  record Patience(Duration answer, Duration transfer) {}

  private static final Patience PATIENCE =
      new Patience(Duration.ofSeconds(10), Duration.ofMinutes(10));
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final int ATTEMPTS = 3;
  private static final int MOST_KEYS = 1_000;
  private static final long LARGEST = 5L << 30;
  private static final int NOT_FOUND = 404;
  private static final int CONDITION_FAILED = 412;
  private static final int NOT_IMPLEMENTED = 501;

  private final S3Address address;
  private final Patience patience;
  private final Path spools;
  private final S3Client s3;

  private S3Archives(S3Address address, Patience patience, Path spools) {
    this.address = address;
    this.patience = patience;
    this.spools = spools;
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(address.region()))
            .forcePathStyle(address.pathStyle())
            .credentialsProvider(DefaultCredentialsProvider.builder().build())
            // No second checksum in a trailer, which many compatible stores do not know.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .serviceConfiguration(it -> it.chunkedEncodingEnabled(false))
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT)
                    .socketTimeout(patience.answer()))
            // Standard: three attempts, and only what may be asked twice.
            .overrideConfiguration(it -> it.retryStrategy(RetryMode.STANDARD));
    address.endpoint().ifPresent(builder::endpointOverride);
    this.s3 = builder.build();
  }

  /** Asks nothing yet. */
  public static S3Archives of(S3Address address) {
    return of(address, PATIENCE, Path.of(System.getProperty("java.io.tmpdir")));
  }

  static S3Archives of(S3Address address, Patience patience, Path spools) {
    return new S3Archives(address, patience, spools);
  }

  private void shortly(AwsRequestOverrideConfiguration.Builder limits) {
    limits
        .apiCallAttemptTimeout(patience.answer())
        .apiCallTimeout(patience.answer().multipliedBy(ATTEMPTS + 1));
  }

  private void atLength(AwsRequestOverrideConfiguration.Builder limits) {
    limits.apiCallAttemptTimeout(patience.transfer()).apiCallTimeout(patience.transfer());
  }

  @Override
  public void prove() throws ArchiveException {
    var _ = keys(address.key(""), address.toString(), 1);
  }

  @Override
  public Optional<ArchiveName> beginningAt(Name chain, long from) throws ArchiveException {
    String stem = ArchiveName.stem(chain, from);
    int folder = address.key(chain.value() + "/").length();
    return keys(address.key(stem), address.shown(stem), MOST_KEYS).stream()
        .flatMap(it -> ArchiveName.parse(chain, it.substring(folder)).stream())
        .filter(it -> it.from() == from)
        .min(Comparator.comparingLong(ArchiveName::to));
  }

  private List<String> keys(String prefix, String shown, int most) throws ArchiveException {
    try {
      return s3
          .listObjectsV2(it ->
              it.bucket(address.bucket())
                  .prefix(prefix)
                  .maxKeys(most)
                  .overrideConfiguration(this::shortly))
          .contents()
          .stream()
          .map(S3Object::key)
          // A store that ignores the prefix does not lead astray.
          .filter(it -> it != null && it.startsWith(prefix))
          .toList();
    } catch (SdkException e) {
      throw S3Fault.of(e, shown);
    }
  }

  @Override
  public void write(ArchiveName name, Consumer<OutputStream> content) throws ArchiveException {
    try (Spool sent = Spool.in(spools)) {
      try (OutputStream packed =
          new GZIPOutputStream(Files.newOutputStream(sent.file()), 1 << 16)) {
        content.accept(packed);
      }
      if (sent.length() > LARGEST) {
        throw ArchiveFault.ARCHIVE_TOO_LARGE.at(shown(name), sent.length() + " bytes");
      }
      boolean put = !isThere(name) && put(name, sent);
      try (Spool found = fetch(name)) {
        if (!found.sameAs(sent)) {
          throw put
              ? ArchiveFault.ARCHIVE_DAMAGED.at(shown(name), "is not what was put")
              : ArchiveFault.ARCHIVE_CONFLICT.at(shown(name), "another object is there");
        }
      }
    } catch (ArchiveException e) {
      throw e;
    } catch (IOException e) {
      throw disk(name, e);
    }
  }

  private boolean isThere(ArchiveName name) throws ArchiveException {
    try {
      s3.headObject(it ->
          it.bucket(address.bucket()).key(address.key(name)).overrideConfiguration(this::shortly));
      return true;
    } catch (AwsServiceException e) {
      if (e.statusCode() == NOT_FOUND) {
        return false;
      }
      throw S3Fault.of(e, shown(name));
    } catch (SdkException e) {
      throw S3Fault.of(e, shown(name));
    }
  }

  /** Whether it was put; it was not when one is there by now, perhaps from an attempt before. */
  private boolean put(ArchiveName name, Spool sent) throws IOException {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(address.bucket())
            .key(address.key(name))
            .contentType("application/gzip")
            .checksumSHA256(sent.sha256())
            .overrideConfiguration(this::atLength);
    RequestBody body = RequestBody.fromFile(sent.file());
    try {
      s3.putObject(request.ifNoneMatch("*").build(), body);
      return true;
    } catch (AwsServiceException e) {
      switch (e.statusCode()) {
        case CONDITION_FAILED -> {
          return false;
        }
        case NOT_IMPLEMENTED -> {
          return putUnconditionally(name, request, body);
        }
        default -> throw S3Fault.of(e, shown(name));
      }
    } catch (SdkException e) {
      throw S3Fault.of(e, shown(name));
    }
  }

  private boolean putUnconditionally(
      ArchiveName name, PutObjectRequest.Builder request, RequestBody body)
      throws ArchiveException {
    try {
      s3.putObject(request.ifNoneMatch(null).build(), body);
      return true;
    } catch (SdkException e) {
      throw S3Fault.of(e, shown(name));
    }
  }

  private Spool fetch(ArchiveName name) throws IOException {
    Spool spool = Spool.in(spools);
    try {
      s3.getObject(
          it ->
              it.bucket(address.bucket())
                  .key(address.key(name))
                  .checksumMode(ChecksumMode.ENABLED)
                  .overrideConfiguration(this::atLength),
          (answer, in) -> {
            long length = Optional.ofNullable(answer.contentLength()).orElse(-1L);
            spool.fill(in, length, LARGEST);
            return answer;
          });
      return spool;
    } catch (SdkException e) {
      spool.close();
      throw S3Fault.of(e, shown(name));
    } catch (RuntimeException e) {
      spool.close();
      throw e;
    }
  }

  @Override
  public InputStream read(ArchiveName name) throws ArchiveException {
    try {
      return fetch(name).handOver();
    } catch (ArchiveException e) {
      throw e;
    } catch (IOException e) {
      throw disk(name, e);
    }
  }

  private ArchiveException disk(ArchiveName name, IOException e) {
    return ArchiveFault.ARCHIVE_DISK.at(
        shown(name), "on its way: " + e.getClass().getSimpleName(), e);
  }

  @Override
  public String shown(ArchiveName name) {
    return address.shown(name.path());
  }

  @Override
  public void close() {
    s3.close();
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
