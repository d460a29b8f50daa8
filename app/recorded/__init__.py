"""Runs that play without a server: one as a page in one file, all of them as a static site."""
