# Checks that the text of BLOCK stands, word for word, in FILE.
file(READ ${BLOCK} block)
file(READ ${FILE} text)
string(FIND "${text}" "${block}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "${PAGE} shows a part of ${FILE} that is not there (any more):\n${block}")
endif()
