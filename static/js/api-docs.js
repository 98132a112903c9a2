// The API's documentation page: Swagger UI over our own schema, with no request to anywhere else.

const root = document.querySelector("#swagger-ui");

SwaggerUIBundle({
  domNode: root,
  url: root.dataset.schema,
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
