"""The models: conversion, registry, and the detector that runs them."""
