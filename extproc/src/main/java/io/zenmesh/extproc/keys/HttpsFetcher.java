package io.zenmesh.extproc.keys;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.DefaultHostnameVerifier;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.ssl.SSLBufferMode;
import org.apache.hc.core5.util.Timeout;

/**
 * Gets one document over HTTPS. Blocks; thread-safe.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A name is resolved once per fetch, every address it has must be allowed, and the connection
 * goes to one of exactly those: a name that leads elsewhere a moment later gains nothing. The
 * server proves the name that was asked for. No redirect is followed, no proxy, cookie, credential
 * or content coding is used, no connection is used twice, and a fetch ends after {@link #DEADLINE}
 * whatever the server does (a look-up of the name alone may outlast it).
 */
final class HttpsFetcher implements AutoCloseable {
  /** The most that a document may have. */
  static final int MOST_BYTES = 256 * 1024;

  /** From the connection to the last byte. */
  static final Duration DEADLINE = Duration.ofSeconds(5);

  private static final Timeout CONNECT = Timeout.ofSeconds(2);
  private static final Timeout READ = Timeout.ofSeconds(3);
  private static final int MOST_ADDRESSES = 4;
  private static final int MOST_HEADERS = 100;
  private static final int LONGEST_LINE = 8 * 1024;
  private static final int OK = 200;
  private static final int HTTPS_PORT = 443;

  private final Duration deadline;
  private final CloseableHttpClient client;
  private final ScheduledExecutorService deadlines;

  HttpsFetcher(Reach reach, int atOnce, Duration deadline) {
    this.deadline = deadline;
    this.client = client(reach, atOnce);
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("key-fetch-deadline").factory());
    timer.setRemoveOnCancelPolicy(true);
    this.deadlines = timer;
  }

  private static CloseableHttpClient client(Reach reach, int atOnce) {
    return HttpClients.custom()
        .setConnectionManager(
            PoolingHttpClientConnectionManagerBuilder.create()
                .setDnsResolver(new CheckedNames(reach))
                .setTlsSocketStrategy(
                    new DefaultClientTlsStrategy(
                        tls(reach.roots()),
                        new String[] {"TLSv1.3", "TLSv1.2"},
                        null,
                        SSLBufferMode.STATIC,
                        HostnameVerificationPolicy.BOTH,
                        new DefaultHostnameVerifier()))
                .setDefaultTlsConfig(TlsConfig.custom().setHandshakeTimeout(READ).build())
                .setDefaultConnectionConfig(
                    ConnectionConfig.custom()
                        .setConnectTimeout(CONNECT)
                        .setSocketTimeout(READ)
                        .build())
                .setConnectionFactory(
                    ManagedHttpClientConnectionFactory.builder()
                        .http1Config(
                            Http1Config.custom()
                                .setMaxHeaderCount(MOST_HEADERS)
                                .setMaxLineLength(LONGEST_LINE)
                                .build())
                        .build())
                .setMaxConnTotal(atOnce)
                .setMaxConnPerRoute(atOnce)
                .build())
        .setDefaultRequestConfig(
            RequestConfig.custom()
                .setConnectionRequestTimeout(CONNECT)
                .setResponseTimeout(READ)
                .build())
        .setConnectionReuseStrategy((request, response, context) -> false)
        .setUserAgent("zen-mesh")
        .disableAutomaticRetries()
        .disableRedirectHandling()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression()
        .build();
  }

  private static SSLContext tls(List<X509Certificate> roots) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < roots.size(); i++) {
        store.setCertificateEntry("root-" + i, roots.get(i));
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("certificate authorities: cannot be used", e);
    }
  }

  /**
   * The document.
   *
   * @throws FetchException when it cannot be had
   */
  byte[] get(URI url) throws FetchException {
    requirePlace(url);
    HttpGet request = new HttpGet(url);
    ScheduledFuture<?> end = endOf(request);
    try {
      return client.execute(request, response -> body(request, response));
    } catch (ProblemException e) {
      throw new FetchException(e.problem);
    } catch (IOException e) {
      throw new FetchException(request.isAborted() ? FetchProblem.TIMEOUT : problem(e));
    } finally {
      end.cancel(false);
    }
  }

  private ScheduledFuture<?> endOf(HttpGet request) throws FetchException {
    try {
      return deadlines.schedule(request::abort, deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      throw new FetchException(FetchProblem.UNREACHABLE);
    }
  }

  /** Whoever calls has checked it; a literal address would never be looked up. */
  private static void requirePlace(URI url) throws FetchException {
    String host = url.getHost();
    boolean sound =
        "https".equals(url.getScheme())
            && host != null
            && url.getRawUserInfo() == null
            && (url.getPort() < 0 || url.getPort() == HTTPS_PORT)
            && host.chars().anyMatch(c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')
            && host.indexOf('[') < 0
            && host.indexOf('.') > 0;
    if (!sound) {
      throw new FetchException(FetchProblem.ADDRESS_DENIED);
    }
  }

  private static byte[] body(HttpGet request, ClassicHttpResponse response)
      throws IOException, HttpException {
    HttpEntity entity = response.getEntity();
    FetchProblem problem = FetchProblem.STATUS;
    if (response.getCode() == OK && entity != null) {
      if (entity.getContentLength() <= MOST_BYTES) {
        try (InputStream in = entity.getContent()) {
          byte[] body = in.readNBytes(MOST_BYTES + 1);
          if (body.length <= MOST_BYTES) {
            return body;
          }
          request.abort();
        }
      }
      problem = FetchProblem.TOO_LARGE;
    }
    // Nothing of what still comes is worth reading.
    request.abort();
    throw new ProblemException(problem);
  }

  private static FetchProblem problem(IOException e) {
    return switch (e) {
      case DeniedException denied -> FetchProblem.ADDRESS_DENIED;
      case SSLException tls -> FetchProblem.TLS;
      case SocketTimeoutException slow -> FetchProblem.TIMEOUT;
      default -> FetchProblem.UNREACHABLE;
    };
  }

  @Override
  public void close() {
    deadlines.shutdownNow();
    client.close(CloseMode.IMMEDIATE);
  }

  /** Says the problem through the client's own exceptions. */
  private static final class ProblemException extends IOException {
    private static final long serialVersionUID = 1L;
    private final FetchProblem problem;

    ProblemException(FetchProblem problem) {
      super(problem.code());
      this.problem = problem;
    }
  }

  /** One of a name's addresses must not be connected to. */
  private static final class DeniedException extends UnknownHostException {
    private static final long serialVersionUID = 1L;
  }

  /** The only place where names become addresses. */
  private record CheckedNames(Reach reach) implements DnsResolver {
    @Override
    public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
      List<InetSocketAddress> found = reach.names().resolve(host, port);
      if (found.isEmpty()) {
        throw new UnknownHostException();
      }
      for (InetSocketAddress address : found) {
        // One that is denied makes the name a trick, whatever else it has.
        if (address.isUnresolved() || !reach.allows(address.getAddress())) {
          throw new DeniedException();
        }
      }
      return found.stream().limit(MOST_ADDRESSES).toList();
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
      return resolve(host, HTTPS_PORT).stream()
          .map(InetSocketAddress::getAddress)
          .toArray(InetAddress[]::new);
    }

    @Override
    public String resolveCanonicalHostname(String host) {
      return host;
    }
  }
}
