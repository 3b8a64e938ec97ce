package io.zenmesh.controlplane.api;

import io.javalin.http.Context;
import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.CorrelatedTrail;
import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.tenant.Caller;
import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.controlplane.tenant.TenantStore;
import io.zenmesh.xds.model.Correlation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request's way: authenticated, authorized, both on record, held to the contract, answered. What
 * fails on the way becomes a problem. Thread-safe.
 */
final class RoutePipeline {
  static final String REQUEST_ID = "X-Request-Id";

  private static final Logger LOG = LoggerFactory.getLogger(RoutePipeline.class);
  private static final String CORRELATION = "zen.correlation";
  private static final String RETRY_SECONDS = "2";

  private final Authenticator authenticator;
  private final Admission admission;
  private final TenantStore tenants;
  private final CallerLimits limits;
  private final RepeatGuard repeats;
  private final RequestBodies bodies = new RequestBodies();

  RoutePipeline(
      Authenticator authenticator,
      Admission admission,
      TenantStore tenants,
      CallerLimits limits,
      RepeatGuard repeats) {
    this.authenticator = authenticator;
    this.admission = admission;
    this.tenants = tenants;
    this.limits = limits;
    this.repeats = repeats;
  }

  /** Gives the request its id; it comes first, so that every answer bears it. */
  static void identify(Context request) {
    String id =
        Correlation.of(
            Optional.ofNullable(request.header(REQUEST_ID)),
            Optional.ofNullable(request.header("traceparent")));
    request.attribute(CORRELATION, id);
    request.header(REQUEST_ID, id);
    request.header("Cache-Control", "no-store");
    request.header("X-Content-Type-Options", "nosniff");
  }

  static String correlation(Context request) {
    return Optional.<String>ofNullable(request.attribute(CORRELATION)).orElse("");
  }

  void serve(Context request, RouteTable.Route route) {
    send(request, CorrelatedTrail.within(correlation(request), () -> answered(request, route)));
  }

  private Answer answered(Context request, RouteTable.Route route) {
    String correlation = correlation(request);
    try {
      return answer(request, route, correlation);
    } catch (AuditUnavailableException e) {
      LOG.error("audit: {} ({})", e.getMessage(), correlation);
      return Answer.problem(Problem.Kind.AUDIT_UNAVAILABLE, List.of(), correlation)
          .with("Retry-After", RETRY_SECONDS);
    } catch (StoreException e) {
      LOG.error("store: {} ({})", e.getMessage(), correlation);
      return Answer.problem(Problem.Kind.STORE_UNAVAILABLE, List.of(), correlation)
          .with("Retry-After", RETRY_SECONDS);
    } catch (CustodyException e) {
      LOG.error("custody: {} ({})", e.getMessage(), correlation);
      return Answer.problem(Problem.Kind.CUSTODY_UNAVAILABLE, List.of(), correlation)
          .with("Retry-After", RETRY_SECONDS);
    } catch (IOException e) {
      return Answer.problem(Problem.Kind.REQUEST_MALFORMED, List.of(), correlation);
    } catch (RuntimeException e) {
      LOG.error("{} failed ({})", route.operation().id(), correlation, e);
      return Answer.problem(Problem.Kind.INTERNAL, List.of(), correlation);
    }
  }

  private Answer answer(Context request, RouteTable.Route route, String correlation)
      throws IOException {
    ApiOperation operation = route.operation();
    Optional<String> tenant =
        operation.ofTenant()
            ? Optional.of(request.pathParam(ApiOperation.TENANT))
            : Optional.empty();
    Optional<Caller> caller = Optional.empty();
    if (!admission.open(operation)) {
      Authentication authentication = authenticator.authenticate(request);
      if (!limits.admit(limited(request, authentication))) {
        return Answer.problem(Problem.Kind.RATE_LIMITED, List.of(), correlation)
            .with("Retry-After", "1");
      }
      switch (admission.decide(operation, authentication, tenant, correlation)) {
        case Admission.Decision.Refused(Problem.Kind kind) -> {
          return refused(kind, correlation);
        }
        case Admission.Decision.Admitted(Optional<Caller> admitted) -> caller = admitted;
      }
    }
    return checked(request, route, caller, correlation);
  }

  private static String limited(Context request, Authentication authentication) {
    return switch (authentication) {
      case Authentication.Known(Caller.Operator(String id)) -> id;
      case Authentication.Known(Caller.Member member) ->
          "tenant/" + member.tenant() + "/" + member.name();
      case Authentication.Unknown unknown -> "address/" + request.req().getRemoteAddr();
    };
  }

  private static Answer refused(Problem.Kind kind, String correlation) {
    Answer answer = Answer.problem(kind, List.of(), correlation);
    return kind == Problem.Kind.UNAUTHENTICATED
        ? answer.with("WWW-Authenticate", "Bearer")
        : answer;
  }

  private Answer checked(
      Context request, RouteTable.Route route, Optional<Caller> caller, String correlation)
      throws IOException {
    ApiOperation operation = route.operation();
    List<String> undeclared = undeclared(request, operation);
    if (!undeclared.isEmpty()) {
      return Answer.problem(Problem.Kind.PARAMETER_INVALID, undeclared, correlation);
    }
    return switch (bodies.read(request, operation, caller)) {
      case RequestBodies.Read.Refused(Problem.Kind kind, List<String> problems) -> {
        Answer answer = Answer.problem(kind, problems, correlation);
        yield kind == Problem.Kind.RATE_LIMITED ? answer.with("Retry-After", "1") : answer;
      }
      case RequestBodies.Read.Whole whole ->
          checked(request, route, caller, whole.body(), correlation);
    };
  }

  private Answer checked(
      Context request,
      RouteTable.Route route,
      Optional<Caller> caller,
      byte[] body,
      String correlation) {
    ApiOperation operation = route.operation();
    ApiParameters given = given(request, operation);
    Optional<RequestCheck.Breach> breach =
        route.check().breach(given, Optional.ofNullable(request.contentType()), body);
    if (breach.isPresent()) {
      return Answer.problem(breach.get().kind(), breach.get().problems(), correlation);
    }
    ApiRequest checked = new ApiRequest(operation, caller, given, body, correlation);
    return operation.ofTenant()
        ? TenantContext.within(checked.tenant(), () -> ofTenant(route, checked))
        : repeats.answer(checked, route.handler());
  }

  private Answer ofTenant(RouteTable.Route route, ApiRequest request) {
    // A member's tenant is there, or it would be no member; an operator may have mistyped.
    return request.caller() instanceof Caller.Operator
            && !route.operation().createsTenant()
            && !tenants.exists()
        ? Answer.notFound()
        : repeats.answer(request, route.handler());
  }

  /** Query parameters that the contract does not know, or that were given twice. */
  private static List<String> undeclared(Context request, ApiOperation operation) {
    List<String> problems = new ArrayList<>();
    new TreeMap<>(request.queryParamMap())
        .forEach((name, values) -> {
          boolean declared =
              operation.parameters().stream()
                  .anyMatch(it -> it.in() == ApiOperation.In.QUERY && it.name().equals(name));
          if (!declared) {
            problems.add("query: unknown parameter (expected: only what the contract declares)");
          } else if (values.size() > 1) {
            problems.add(name + ": more than once (expected: once)");
          }
        });
    return problems;
  }

  private static ApiParameters given(Context request, ApiOperation operation) {
    Map<String, String> path = new HashMap<>(request.pathParamMap());
    Map<String, String> query = new HashMap<>();
    Map<String, String> headers = new HashMap<>();
    for (ApiOperation.Parameter parameter : operation.parameters()) {
      switch (parameter.in()) {
        case PATH -> {}
        case QUERY ->
            Optional.ofNullable(request.queryParam(parameter.name()))
                .ifPresent(it -> query.put(parameter.name(), it));
        case HEADER ->
            Optional.ofNullable(request.header(parameter.name()))
                .ifPresent(it -> headers.put(parameter.name(), it));
      }
    }
    return new ApiParameters(path, query, headers);
  }

  static void send(Context request, Answer answer) {
    request.status(answer.status());
    answer.headers().forEach(request::header);
    if (!answer.contentType().isEmpty()) {
      request.contentType(answer.contentType()).result(answer.body());
    }
  }
}
