"""The Diagnosis tab inside TensorBoard: loader, routes and what is kept between requests."""
