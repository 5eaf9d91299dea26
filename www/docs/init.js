/* Swagger UI, with this service's own document and nothing from outside. */
"use strict";

SwaggerUIBundle({
	url: "openapi.json",
	dom_id: "#api",
	layout: "BaseLayout",
	presets: [SwaggerUIBundle.presets.apis],
	deepLinking: true,
	docExpansion: "list",
	defaultModelsExpandDepth: 0,
	validatorUrl: null
});

/* Its dark colours are those of a class. */
const dark = matchMedia("(prefers-color-scheme: dark)");

function colours() {
	document.documentElement.classList.toggle("dark-mode", dark.matches);
}

dark.addEventListener("change", colours);
colours();
