package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.controlplane.custody.SecretType;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Cidr;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.model.EndpointPolicy.OnDuplicate;
import io.zenmesh.xds.model.EndpointPolicy.OnReceiptLoss;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.RateLimit;
import io.zenmesh.xds.model.SchemeSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One document of a mesh file, checked by itself. A field that is absent here was either left out
 * legally or was wrong and is already noted.
 */
sealed interface MeshDocument {
  /** What it is called. */
  Heading heading();

  /**
   * What a document is called.
   *
   * @param line where the document begins
   * @param tenant whose it is; for a Tenant itself
   */
  record Heading(int line, String kind, Located<Name> tenant, Name name) {
    /** As problems name it: {@code Endpoint acme/orders}. */
    String subject() {
      return kind.equals("Tenant") ? kind + " " + name : kind + " " + tenant.value() + "/" + name;
    }
  }

  /** A tenant. */
  record TenantDocument(Heading heading, Optional<Located<Retention>> auditRetention)
      implements MeshDocument {}

  /** A cluster. */
  record ClusterDocument(
      Heading heading,
      Optional<Located<Name>> tlsSecret,
      List<ClusterSpec.Ingress> ingress,
      List<ClusterSpec.Egress> egress)
      implements MeshDocument {}

  /** A secret: where its parts lie, never what they are. */
  record SecretDocument(
      Heading heading,
      Optional<SecretType> type,
      Optional<Located<String>> certificateFile,
      Optional<Located<Source>> value,
      Duration overlap)
      implements MeshDocument {}

  /** Where a secret value is read from. */
  record Source(Kind kind, String name) {
    enum Kind {
      FILE,
      ENVIRONMENT,
      /** An operator has put it, or will. */
      CUSTODY
    }
  }

  /** A destination. */
  record DestinationDocument(Heading heading, Optional<URI> url, Optional<Located<Name>> ca)
      implements MeshDocument {}

  /** An endpoint. */
  record EndpointDocument(
      Heading heading,
      Optional<Located<Name>> cluster,
      Optional<Located<String>> host,
      Optional<Located<String>> path,
      Optional<Located<String>> scheme,
      List<Located<Name>> secrets,
      Optional<Located<Name>> destination,
      Rules rules,
      Trust trust,
      Callers callers)
      implements MeshDocument {}

  /**
   * Who may call an endpoint, and how often.
   *
   * @param line where {@code client} stands; the document's without it
   * @param mtls whether a client certificate is asked for
   * @param ca the roots it chains to
   * @param spiffeIds URI names of which it may carry one
   * @param sans DNS names of which it may carry one
   */
  record Callers(
      int line,
      Mtls mtls,
      Optional<Located<Name>> ca,
      List<Located<SpiffeId>> spiffeIds,
      List<Located<String>> sans,
      Optional<RateLimit> rateLimit,
      List<Cidr> allowFrom) {}

  /**
   * What an endpoint says of its scheme, its provider's questions and dry run.
   *
   * @param line where the endpoint's settings begin
   * @param definition also in the settings; here with its line
   */
  record Trust(
      int line,
      boolean enforce,
      Optional<Located<String>> definition,
      SchemeSettings settings,
      Optional<Located<Name>> verifyToken) {}

  /** The optional settings of an endpoint, with their defaults filled in. */
  record Rules(
      Optional<Duration> tolerance,
      int maxBodyBytes,
      Optional<String> publicUrl,
      OnDuplicate onDuplicate,
      OnStoreLoss onStoreLoss,
      OnReceiptLoss onReceiptLoss) {}
}
